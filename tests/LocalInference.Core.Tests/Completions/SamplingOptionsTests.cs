using LocalInference.Core.Completions;

namespace LocalInference.Core.Tests.Completions;

public sealed class SamplingOptionsTests
{
    private static readonly SamplingOptions All = new() { Temperature = 0.5, TopP = 0.9, TopK = 20, MinP = 0.1, Seed = 7 };

    [Fact]
    public void Asked_Everything_IsNamedByWireNameWithoutTheSeed() =>
        Assert.Equal([("temperature", 0.5), ("top_p", 0.9), ("top_k", 20), ("min_p", 0.1)], All.Asked());

    [Fact]
    public void Asked_AnOptionAddedLater_CannotBeForgotten() =>
        Assert.Equal(typeof(SamplingOptions).GetProperties().Length - 1, All.Asked().Count());

    [Fact]
    public void Asked_Nothing_IsEmpty() => Assert.Empty(new SamplingOptions { Seed = 7 }.Asked());

    [Fact]
    public void Resolve_WhatWasNotAsked_TakesTheModelsAndAFreshSeed()
    {
        SamplingParameters model = new(Temperature: 0.6, TopP: 0.95, TopK: 50, MinP: 0.01, Seed: 1);
        Assert.Equal(model with { Seed = 99 }, new SamplingOptions().Resolve(model, freshSeed: 99));
        Assert.Equal(new SamplingParameters(0.5, 0.9, 20, 0.1, 7), All.Resolve(model, freshSeed: 99));
    }
}
