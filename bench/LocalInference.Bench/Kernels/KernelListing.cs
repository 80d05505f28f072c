using System.Text;
using Iced.Intel;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Kernels;

/// <summary>An assembled kernel as text, as it would run: instructions with their offsets, then the constants behind them.</summary>
internal static class KernelListing
{
    private const int ConstantBytes = 16;

    /// <param name="format">The weight's.</param>
    /// <param name="rows">Rows of the kernel, 1 to 16.</param>
    /// <param name="path">Any but the portable one; this machine need not have it.</param>
    public static string Of(WeightFormat format, int rows, KernelPath path)
    {
        byte[] code = ProductKernel.Assemble(format, rows, path);
        var text = new StringBuilder();
        text.AppendLine($"; one tile (32 outputs, all of K) x {rows} row{(rows == 1 ? "" : "s")}: "
            + $"{format.Bits}-bit weights in blocks of {format.BlockSize}, {(format.HasHalfScales ? "fp16" : "fp32")} scales, "
            + $"{(format.HasZeroPoints ? "zero points" : "no zero points")}; path {path}; {code.Length} bytes");
        text.AppendLine("; rdi: the tile's blocks (WeightFormat), rsi: the rows' slabs (ActivationFormat), "
            + "rdx: [rows][32] floats, rcx: blocks");
        int end = WriteInstructions(code, text);
        for (int at = end; at < code.Length; at += ConstantBytes)
        {
            byte[] line = code[at..Math.Min(at + ConstantBytes, code.Length)];
            text.AppendLine($"{at:x5}  db {string.Join(' ', line.Select(b => b.ToString("x2")))}");
        }
        return text.ToString();
    }

    /// <returns>Where the code ends: behind its only return.</returns>
    private static int WriteInstructions(byte[] code, StringBuilder text)
    {
        var decoder = Iced.Intel.Decoder.Create(64, code);
        var formatter = new NasmFormatter();
        formatter.Options.FirstOperandCharIndex = 12;
        var line = new StringOutput();
        Instruction instruction;
        do
        {
            decoder.Decode(out instruction);
            formatter.Format(instruction, line);
            text.AppendLine($"{instruction.IP:x5}  {line.ToStringAndReset()}");
        }
        while (instruction.Mnemonic != Mnemonic.Ret);
        return (int)instruction.NextIP;
    }
}
