using LocalInference.Api.Endpoints;
using LocalInference.Api.Tests.Testing;

namespace LocalInference.Api.Tests.Endpoints;

public sealed class SystemFingerprintTests
{
    private static readonly Dictionary<string, object> Facts = new() { ["device"] = "cpu", ["batch_invariant"] = true, ["steps"] = 5 };

    private readonly string _fingerprint = SystemFingerprint.Of(FakeStatus.Tiny, Facts);

    [Fact]
    public void Fingerprint_OrderOfFactsAndMeasurements_DoNotCount() =>
        Assert.Equal(_fingerprint, SystemFingerprint.Of(FakeStatus.Tiny, new Dictionary<string, object> { ["steps"] = 6, ["batch_invariant"] = true, ["device"] = "cpu" }));

    [Fact]
    public void Fingerprint_OtherWeightsOrKernels_Count()
    {
        Assert.NotEqual(_fingerprint, SystemFingerprint.Of(FakeStatus.Tiny with { Id = "other" }, Facts));
        Assert.NotEqual(_fingerprint, SystemFingerprint.Of(FakeStatus.Tiny with { Created = DateTimeOffset.UnixEpoch }, Facts));
        Assert.NotEqual(_fingerprint, SystemFingerprint.Of(FakeStatus.Tiny, new Dictionary<string, object>(Facts) { ["device"] = "cuda" }));
        Assert.NotEqual(
            _fingerprint, SystemFingerprint.Of(FakeStatus.Tiny, new Dictionary<string, object>(Facts) { ["batch_invariant"] = false }));
    }
}
