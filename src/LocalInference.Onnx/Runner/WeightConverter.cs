using System.Buffers;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Models;
using Microsoft.Win32.SafeHandles;

namespace LocalInference.Onnx.Runner;

/// <summary>Converts one weight from its file into memory, piece by piece: a matrix of gigabytes is never held twice.</summary>
internal static unsafe class WeightConverter
{
    private const int PieceElements = 1 << 19;

    /// <summary>Fills the memory, which has room for <see cref="RetypedWeight.Bytes"/>.</summary>
    /// <exception cref="ModelFolderException">A value does not fit into the type, or the file ends early.</exception>
    public static void Convert(RetypedWeight weight, byte* target)
    {
        int sourceSize = FloatConversion.SizeOf(weight.SourceType), targetSize = FloatConversion.SizeOf(weight.Type);
        using SafeFileHandle? file = weight.File is { } path ? File.OpenHandle(path) : null;
        byte[] rented = ArrayPool<byte>.Shared.Rent(PieceElements * sourceSize);
        try
        {
            for (long done = 0; done < weight.Elements; done += PieceElements)
            {
                int count = (int)Math.Min(PieceElements, weight.Elements - done);
                Span<byte> source = rented.AsSpan(0, count * sourceSize);
                Read(weight, file, done * sourceSize, source);
                var piece = new Span<byte>(target + (done * targetSize), count * targetSize);
                FloatConversion.Convert(source, weight.SourceType, piece, weight.Type);
                if (FloatConversion.CountOverflows(source, weight.SourceType, piece, weight.Type) > 0)
                    throw new ModelFolderException(
                        weight.File ?? weight.Name,
                        $"the tensor '{weight.Name}' has values that {OnnxTypes.NameOf(weight.Type)} cannot hold",
                        "Serve the model on the CPU (--device cpu), or export it for this device");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void Read(RetypedWeight weight, SafeFileHandle? file, long offset, Span<byte> piece)
    {
        if (file is null)
        {
            weight.Data.AsSpan((int)offset, piece.Length).CopyTo(piece);
            return;
        }
        for (int read = 0; read < piece.Length;)
        {
            int got = RandomAccess.Read(file, piece[read..], weight.FileOffset + offset + read);
            if (got == 0)
                throw new ModelFolderException(
                    weight.File!, $"the file ends inside the tensor '{weight.Name}'", "The file is incomplete: fetch it again");
            read += got;
        }
    }
}
