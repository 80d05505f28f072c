namespace LocalInference.Onnx.Devices;

/// <summary>An NVIDIA GPU.</summary>
/// <param name="Index">Its number as CUDA counts, which heeds <c>CUDA_VISIBLE_DEVICES</c>.</param>
/// <param name="Name">The product's.</param>
/// <param name="Uuid">In the driver's spelling, <c>GPU-</c> and 36 characters.</param>
/// <param name="TotalBytes">Its memory.</param>
public sealed record CudaDevice(int Index, string Name, string Uuid, long TotalBytes)
{
    private const string UuidPrefix = "GPU-";

    /// <inheritdoc/>
    public override string ToString() => $"{Index}: {Name}, {TotalBytes >> 20} MiB, {Uuid}";

    /// <summary>Finds the one that was asked for.</summary>
    /// <param name="devices">All that there are, by index.</param>
    /// <param name="asked">An index, a UUID or the beginning of one; null for the first.</param>
    /// <exception cref="ArgumentException">There is none such, or several; lists them.</exception>
    internal static CudaDevice Choose(IReadOnlyList<CudaDevice> devices, string? asked)
    {
        CudaDevice[] found =
        [
            .. devices.Where(d => asked is null ? d.Index == 0 : int.TryParse(asked, out int index)
                ? d.Index == index
                : asked.Length > UuidPrefix.Length && d.Uuid.StartsWith(asked, StringComparison.OrdinalIgnoreCase)),
        ];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"{(found.Length == 0 ? "No GPU" : "More than one GPU")} answers to '{asked ?? "0"}'. "
                + "Name one by its index or its UUID (or a beginning of it that only one has); "
                + $"there {(devices.Count == 1 ? "is" : "are")} {(devices.Count == 0 ? "none" : string.Join("; ", devices))}.");
    }
}
