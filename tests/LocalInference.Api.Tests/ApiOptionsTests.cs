using LocalInference.Api.Endpoints;
using Microsoft.Extensions.DependencyInjection;

namespace LocalInference.Api.Tests;

public sealed class ApiOptionsTests
{
    [Fact]
    public void Ctor_Defaults()
    {
        ApiOptions options = new();

        Assert.Empty(options.Key);
        Assert.Empty(options.ModelAliases);
        Assert.Equal(
            (16_777_216, 4096, 128, 64, 16, 1024, 128, 64),
            (options.MaxBodyBytes, options.MaxMessages, options.MaxTools, options.MaxJsonDepth, options.MaxStopStrings,
                options.MaxStopStringLength, options.MaxStopTokenIds, options.MaxIgnoredFields));
        new ServiceCollection().AddLocalInferenceApi(options);
    }

    [Fact]
    public void Invalid_ReportsEveryErrorAndNoKey()
    {
        ApiOptions options = new() { Key = ["fine", "two words", ""], ModelAliases = [" "], MaxBodyBytes = 1, MaxTools = -1 };

        string text = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddLocalInferenceApi(options)).Message;

        foreach (string part in new[] { "Key[1]", "Key[2]", "ModelAliases[0]", "MaxBodyBytes", "MaxTools" })
            Assert.Contains(part, text);
        Assert.DoesNotContain("two words", text);
        Assert.DoesNotContain("Key[0]", text);
    }
}
