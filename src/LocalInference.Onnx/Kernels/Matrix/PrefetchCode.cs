using Iced.Intel;
using LocalInference.Onnx.Weights;
using static Iced.Intel.AssemblerRegisters;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// Writes a kernel's prefetches of its weights between the instructions that compute. Spread so, they keep memory evenly busy; all lines of a slab at once
/// fill the core's list of open requests, and leave it empty until the next slab: spread 1.02 to 1.03 times (1 and 2 rows), 1.03 to 1.05 (4 and 8), 1.00
/// (12 and 16; products whose weights come from memory, two threads of Zen 5).
/// </summary>
/// <param name="code">Where they go.</param>
/// <param name="stream">Points to what the kernel reads at the time.</param>
/// <param name="prefetch">How far ahead and where to; null for not at all.</param>
internal sealed class PrefetchCode(Assembler code, AssemblerRegister64 stream, WeightPrefetch? prefetch)
{
    private int _lines;
    private int _steps;
    private int _step;

    /// <summary>A part of the stream begins.</summary>
    /// <param name="bytes">Its length, and how much is fetched meanwhile, further on; whole lines.</param>
    /// <param name="steps">How many times <see cref="Step"/> is called until it has passed.</param>
    public void Begin(int bytes, int steps) => (_lines, _steps, _step) = (bytes / WeightFormat.LineBytes, steps, 0);

    /// <summary>Fetches this step's share.</summary>
    public void Step()
    {
        int from = _lines * _step / _steps, to = _lines * ++_step / _steps;
        if (prefetch is { } ahead)
            for (int line = from; line < to; line++)
                Fetch(__byte_ptr[stream + (ahead.Bytes + (line * WeightFormat.LineBytes))], ahead.Into);
    }

    private void Fetch(AssemblerMemoryOperand line, PrefetchInto into)
    {
        switch (into)
        {
            case PrefetchInto.FirstLevel:
                code.prefetcht0(line);
                break;
            case PrefetchInto.FirstLevelOnce:
                code.prefetchnta(line);
                break;
            default:
                code.prefetcht1(line);
                break;
        }
    }
}
