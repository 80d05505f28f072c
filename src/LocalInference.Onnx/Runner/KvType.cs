namespace LocalInference.Onnx.Runner;

/// <summary>What the CPU's KV cache keeps for an element of a key or value. Arithmetic is in 32 bits whatever it is.</summary>
public enum KvType
{
    /// <summary>32 bits: exactly what the model computed.</summary>
    Float32,

    /// <summary>16 bits with the exponent of 32: half the memory, relative error up to 1/256.</summary>
    BFloat16,

    /// <summary>16 bits with one scale for each token and head: half the memory, error up to 1/65,534 of the head's largest element.</summary>
    Int16,

    /// <summary>8 bits with one scale for each token and head: a quarter of the memory, error up to 1/254 of the head's largest element.</summary>
    Int8,
}
