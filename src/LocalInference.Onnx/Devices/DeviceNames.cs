namespace LocalInference.Onnx.Devices;

/// <summary>The devices that a model can run on.</summary>
public static class DeviceNames
{
    /// <summary>The processor; always there.</summary>
    public const string Cpu = "cpu";

    /// <summary>Everything that may be asked for.</summary>
    public static IReadOnlyList<string> All { get; } = [Cpu];

    /// <summary>Refuses a name that is none.</summary>
    /// <exception cref="ArgumentException">Says what is allowed.</exception>
    internal static void Require(string name)
    {
        if (!All.Contains(name))
            throw new ArgumentException($"The device '{name}' is not known; allowed: {string.Join(", ", All.Select(n => $"'{n}'"))}.", nameof(name));
    }
}
