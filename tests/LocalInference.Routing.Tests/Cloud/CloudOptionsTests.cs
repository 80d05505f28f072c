using LocalInference.Core.Completions;
using LocalInference.Core.Options;
using LocalInference.Routing.Cloud;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudOptionsTests
{
    [Fact]
    public void Ctor_Defaults_NoCloudAndNothingLeaves()
    {
        CloudOptions options = new();
        Assert.False(options.IsConfigured);
        Assert.Equal(DataClass.LocalOnly, options.DefaultDataClass);
        Assert.Equal(TimeSpan.FromSeconds(10), options.ConnectTimeout);
        Assert.Equal(TimeSpan.FromMinutes(10), options.FirstByteTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), options.IdleTimeout);
        Assert.Empty(OptionFaults.Of(options, "Cloud"));
    }

    [Theory]
    [InlineData("https://api.deepseek.com")]
    [InlineData("https://api.deepseek.com/v1/")]
    [InlineData("http://127.0.0.1:8000")]
    [InlineData("http://localhost:8000/v1")]
    [InlineData("http://[::1]:8000")]
    public void Faults_AnAllowedAddress_None(string baseUrl) =>
        Assert.Empty(OptionFaults.Of(new CloudOptions { BaseUrl = baseUrl, Model = "m", ApiKey = "sk-1" }, "Cloud"));

    [Theory]
    [InlineData("http://api.deepseek.com", "plain http is allowed on loopback only")]
    [InlineData("http://127.0.0.1.example.org", "plain http is allowed on loopback only")]
    [InlineData("api.deepseek.com", "must be an absolute https address")]
    [InlineData("ftp://api.deepseek.com", "must be an absolute https address")]
    [InlineData("/v1", "must be an absolute https address")]
    [InlineData("https://me:secret@api.deepseek.com", "carries a user")]
    [InlineData("https://api.deepseek.com?key=secret", "carries a user")]
    public void Faults_AnotherAddress_SaysWhatIsAllowed(string baseUrl, string expected)
    {
        string fault = Assert.Single(OptionFaults.Of(new CloudOptions { BaseUrl = baseUrl, Model = "m" }, "Cloud"));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_EverythingWrong_ReportsEveryFaultAtOnceAndNeverTheKey()
    {
        CloudOptions options = new()
        {
            BaseUrl = "http://cloud.example",
            ApiKey = "sk-1\nX-Evil: 1",
            DefaultDataClass = (DataClass)9,
            ConnectTimeout = TimeSpan.Zero,
            FirstByteTimeout = TimeSpan.FromHours(2),
            IdleTimeout = Timeout.InfiniteTimeSpan,
        };
        Assert.Equal(
            [
                "Cloud:DefaultDataClass: found '9', allowed is Any, LocalOnly.",
                "Cloud:ConnectTimeout: found 00:00:00, allowed is 00:00:00.0100000 to 00:05:00.",
                "Cloud:FirstByteTimeout: found 02:00:00, allowed is 00:00:00.0100000 to 01:00:00.",
                "Cloud:IdleTimeout: found -00:00:00.0010000, allowed is 00:00:00.0100000 to 01:00:00.",
                "Cloud:BaseUrl is 'http://cloud.example'; plain http is allowed on loopback only, since the key and the prompts would cross the network in the clear. Use https.",
                "Cloud:Model is missing, and Cloud:BaseUrl is set: name the model to ask the cloud for, as the cloud calls it.",
                "Cloud:ApiKey has a character at position 4 that is no visible ASCII character; an HTTP header cannot carry it.",
            ],
            OptionFaults.Of(options, "Cloud"));
    }

    [Fact]
    public void ToString_WithAKey_DoesNotShowIt() =>
        Assert.DoesNotContain("sk-secret", new CloudOptions { ApiKey = "sk-secret" }.ToString(), StringComparison.Ordinal);
}
