using LocalInference.Core.Errors;
using LocalInference.Routing.Admission;

namespace LocalInference.Routing.Tests.Admission;

public sealed class RefusalReadingTests
{
    [Fact]
    public void IsWantOfRoom_EveryError_OnlyAFullQueueIs() =>
        Assert.Equal([InferenceError.QueueFull], Enum.GetValues<InferenceError>().Where(RefusalReading.IsWantOfRoom));
}
