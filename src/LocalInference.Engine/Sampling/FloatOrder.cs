namespace LocalInference.Engine.Sampling;

/// <summary>Numbers the floats from −∞ to ∞ without a gap, so that whole numbers order and halve them.</summary>
internal static class FloatOrder
{
    private const uint Sign = 0x8000_0000;

    /// <summary>The rank of a float that is not NaN: greater for a greater float. −0 has that of 0.</summary>
    public static uint RankOf(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & Sign) != 0 ? ~bits : bits | Sign;
    }

    /// <summary>The float that has this rank.</summary>
    public static float FloatOf(uint rank) => BitConverter.UInt32BitsToSingle((rank & Sign) != 0 ? rank & ~Sign : ~rank);
}
