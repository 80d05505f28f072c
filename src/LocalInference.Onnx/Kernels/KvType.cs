namespace LocalInference.Onnx.Kernels;

/// <summary>What the CPU's KV cache keeps for an element of a key or value, and so what attention computes with.</summary>
public enum KvType
{
    /// <summary>32 bits: exactly what the model computed.</summary>
    Float32,

    /// <summary>
    /// 16 bits with the exponent of 32: half the memory, relative error up to 1/256. Processors with <c>vdpbf16ps</c> multiply it as it is, at the speed of
    /// <see cref="Int16"/>, and round queries and weights likewise; elsewhere it is widened to floats, at a third of that speed.
    /// </summary>
    Bfloat16,

    /// <summary>
    /// 16 bits with one scale for each token and head: half the memory and products of exact integers at twice the speed of floats. Of the 16 bits 12 to 15 are
    /// used, as many as sums of 32 bits allow: for heads of 128 an error up to 1/8,190 of the head's largest element, in queries and weights too.
    /// </summary>
    Int16,

    /// <summary>
    /// 8 bits with one scale for each token and head: a quarter of the memory and the same exact products, whose other factor keeps 16 bits. Keys are mixed by a
    /// Hadamard matrix first, since a few of their elements may be far larger than all others; error up to 1/254 of the head's largest
    /// element, of the mixed head for keys.
    /// </summary>
    Int8,
}
