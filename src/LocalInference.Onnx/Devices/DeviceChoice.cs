namespace LocalInference.Onnx.Devices;

/// <summary>The device that a model runs on, and those that were tried before it.</summary>
/// <param name="Name">One of <see cref="DeviceNames.All"/>, never <see cref="DeviceNames.Auto"/>.</param>
/// <param name="Rejected">Better ones that cannot be used, best first.</param>
public sealed record DeviceChoice(string Name, IReadOnlyList<RejectedDevice> Rejected)
{
    /// <summary>Which GPU, where the device is <see cref="DeviceNames.Cuda"/>; null on others.</summary>
    public CudaDevice? Gpu { get; init; }

    /// <summary>The device's execution provider; null on the processor.</summary>
    internal ExecutionProvider? Provider => ProviderOf(Name);

    /// <summary>Chooses a device.</summary>
    /// <param name="asked">One of <see cref="DeviceNames.All"/>.</param>
    /// <param name="gpu">An NVIDIA GPU by its index or UUID; null for the first.</param>
    /// <exception cref="ArgumentException">The name is not known, or that very device cannot be used; says why and what to do.</exception>
    public static DeviceChoice For(string asked, string? gpu = null)
    {
        DeviceChoice choice = For(asked, static name => ProviderOf(name)?.ReasonAgainst());
        if (choice.Name != DeviceNames.Cuda)
            return gpu is null
                ? choice
                : throw new ArgumentException(
                    $"The GPU '{gpu}' is asked for, but the model runs on {choice}. "
                    + $"GPUs can be chosen for the device '{DeviceNames.Cuda}' only.");
        using CudaDriver? driver = CudaDriver.TryLoad();
        return choice with { Gpu = CudaDevice.Choose(driver?.List() ?? [], gpu) };
    }

    /// <summary>Chooses a device by another judgement.</summary>
    /// <param name="asked">One of <see cref="DeviceNames.All"/>.</param>
    /// <param name="reasonAgainst">Why a device cannot be used; null where it can.</param>
    internal static DeviceChoice For(string asked, Func<string, string?> reasonAgainst)
    {
        if (!DeviceNames.All.Contains(asked))
            throw new ArgumentException(
                $"The device '{asked}' is not known; allowed: {string.Join(", ", DeviceNames.All.Select(n => $"'{n}'"))}.");
        if (asked != DeviceNames.Auto)
            return reasonAgainst(asked) is { } fault
                ? throw new ArgumentException($"The device '{asked}' cannot be used: {fault}. Or let the server choose: --device auto.")
                : new DeviceChoice(asked, []);
        var rejected = new List<RejectedDevice>();
        foreach (ExecutionProvider provider in DeviceNames.Providers)
        {
            if (reasonAgainst(provider.Device) is not { } reason)
                return new DeviceChoice(provider.Device, rejected);
            rejected.Add(new RejectedDevice(provider.Device, reason));
        }
        return new DeviceChoice(DeviceNames.Cpu, rejected);
    }

    private static ExecutionProvider? ProviderOf(string name) => DeviceNames.Providers.FirstOrDefault(p => p.Device == name);

    private string Place => Gpu is null ? Name : $"{Name} {Gpu}";

    /// <inheritdoc/>
    public override string ToString() => Rejected.Count == 0
        ? Place
        : $"{Place} ({string.Join("; ", Rejected.Select(r => $"not {r.Name}: {r.Reason}"))})";
}

/// <summary>A device that cannot be used here.</summary>
/// <param name="Name">One of <see cref="DeviceNames.All"/>.</param>
/// <param name="Reason">What is missing and what to do; a sentence without its end.</param>
public sealed record RejectedDevice(string Name, string Reason);
