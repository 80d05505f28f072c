using LocalInference.Core.Options;
using LocalInference.Options;

namespace LocalInference.Tests.Options;

public sealed class LocalInferenceOptionsTests
{
    [Fact]
    public void Ctor_Defaults_OnlyTheModelIsMissing() => Assert.Equal(["Model: a value is required."], OptionFaults.Of(new LocalInferenceOptions()));
}
