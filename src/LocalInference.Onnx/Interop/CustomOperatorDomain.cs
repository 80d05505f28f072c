using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>This project's operator domain with its operators, for one session. Dispose it after the session.</summary>
internal sealed unsafe class CustomOperatorDomain : IDisposable
{
    private readonly List<nint> _operators = [];
    private void* _domain;

    public CustomOperatorDomain()
    {
        OrtRuntime.EnsureStarted();
        void* domain;
        OrtFunctions.Check(OrtFunctions.CreateCustomOpDomain(OrtFunctions.Literal(Name), &domain));
        _domain = domain;
    }

    /// <summary>The domain's name, as nodes carry it.</summary>
    public static ReadOnlySpan<byte> Name => "local.inference"u8;

    /// <summary>Adds an operator, which the domain owns from here on.</summary>
    public void Add(CustomOperator* op)
    {
        _operators.Add((nint)op);
        OrtFunctions.Check(OrtFunctions.CustomOpDomainAdd(_domain, (OrtCustomOp*)op));
    }

    /// <summary>Makes the operators known to sessions made with these options.</summary>
    public void Register(SessionOptions options) =>
        OrtFunctions.Check(OrtFunctions.AddCustomOpDomain(options.DangerousGetHandle(), _domain));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_domain is null)
            return;
        OrtFunctions.ReleaseCustomOpDomain(_domain);
        _domain = null;
        foreach (nint op in _operators)
            NativeMemory.Free((void*)op);
    }
}
