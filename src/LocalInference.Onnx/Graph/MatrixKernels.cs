namespace LocalInference.Onnx.Graph;

/// <summary>Whose kernels multiply with quantised weights.</summary>
public enum MatrixKernels
{
    /// <summary>
    /// This project's, over weights repacked at start. A row's result is the same bit for bit whatever runs beside it, for every weight
    /// format.
    /// </summary>
    Own,

    /// <summary>ONNX Runtime's <c>MatMulNBits</c>, over the weights as they lie in the file.</summary>
    OnnxRuntime,
}
