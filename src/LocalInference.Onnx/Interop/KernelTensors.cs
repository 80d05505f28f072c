namespace LocalInference.Onnx.Interop;

/// <summary>A kernel's inputs, outputs and attributes. Every method returns a status; null is success.</summary>
internal static unsafe class KernelTensors
{
    /// <summary>A matrix input's data and rows; null data when it is absent.</summary>
    public static void* Rows(void* context, nuint index, void** data, int* rows)
    {
        int columns;
        return Matrix(context, index, data, rows, &columns);
    }

    /// <summary>An input's data, rows and columns (1 for a vector); null data, and nothing else written, when it is absent.</summary>
    public static void* Matrix(void* context, nuint index, void** data, int* rows, int* columns)
    {
        void* value;
        void* status = OrtFunctions.KernelContextGetInput(context, index, &value);
        if (status is not null || value is null)
            return status;
        int type;
        long* dims;
        nuint rank;
        status = OrtFunctions.GetTypeAndShape(value, &type, &dims, &rank);
        if (status is not null)
            return status;
        *rows = (int)dims[0];
        *columns = rank < 2 ? 1 : (int)dims[1];
        return OrtFunctions.GetTensorData(value, data);
    }

    /// <summary>Makes the output, a matrix.</summary>
    public static void* Output(void* context, long rows, long columns, void** data)
    {
        long* dims = stackalloc long[2] { rows, columns };
        void* value;
        void* status = OrtFunctions.KernelContextGetOutput(context, 0, dims, 2, &value);
        return status is null ? OrtFunctions.GetTensorData(value, data) : status;
    }

    /// <summary>An integer attribute.</summary>
    public static void* Int(void* info, ReadOnlySpan<byte> name, int* to)
    {
        long value;
        void* status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal(name), &value);
        if (status is null)
            *to = (int)value;
        return status;
    }

    /// <summary>A constant float input's data.</summary>
    public static void* Constant(void* info, nuint index, float** data)
    {
        int rows;
        return Constant(info, index, data, &rows);
    }

    /// <summary>A constant float input's data and first dimension.</summary>
    public static void* Constant(void* info, nuint index, float** data, int* rows)
    {
        int isConstant, type;
        void* value;
        long* dims;
        nuint rank;
        void* status = OrtFunctions.KernelInfoGetConstantInput(info, index, &isConstant, &value);
        if (status is not null)
            return status;
        if (isConstant == 0)
            return OrtFunctions.Fail($"Input {index} must be constant.");
        status = OrtFunctions.GetTypeAndShape(value, &type, &dims, &rank);
        if (status is not null)
            return status;
        *rows = (int)dims[0];
        return OrtFunctions.GetTensorData(value, (void**)data);
    }
}
