using System.ComponentModel.DataAnnotations;
using LocalInference.Core.Completions;
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
        Assert.Empty(options.FindFaults());
    }

    [Theory]
    [InlineData("https://api.deepseek.com")]
    [InlineData("https://api.deepseek.com/v1/")]
    [InlineData("http://127.0.0.1:8000")]
    [InlineData("http://localhost:8000/v1")]
    [InlineData("http://[::1]:8000")]
    public void FindFaults_AnAllowedAddress_None(string baseUrl) =>
        Assert.Empty(new CloudOptions { BaseUrl = baseUrl, Model = "m", ApiKey = "sk-1" }.FindFaults());

    [Theory]
    [InlineData("http://api.deepseek.com", "plain http is allowed on loopback only")]
    [InlineData("http://127.0.0.1.example.org", "plain http is allowed on loopback only")]
    [InlineData("api.deepseek.com", "must be an absolute https address")]
    [InlineData("ftp://api.deepseek.com", "must be an absolute https address")]
    [InlineData("/v1", "must be an absolute https address")]
    [InlineData("https://me:secret@api.deepseek.com", "carries a user")]
    [InlineData("https://api.deepseek.com?key=secret", "carries a user")]
    public void FindFaults_AnotherAddress_SaysWhatIsAllowed(string baseUrl, string expected)
    {
        string fault = Assert.Single(new CloudOptions { BaseUrl = baseUrl, Model = "m" }.FindFaults());
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_EverythingWrong_ReportsEveryFaultAtOnceAndNeverTheKey()
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
                "Cloud:DefaultDataClass must be Any or LocalOnly. Found: 9.",
                "Cloud:ConnectTimeout must be 00:00:00.010 to 00:05:00. Found: 00:00:00.",
                "Cloud:FirstByteTimeout must be 00:00:00.010 to 01:00:00. Found: 02:00:00.",
                "Cloud:IdleTimeout must be 00:00:00.010 to 01:00:00. Found: -00:00:00.0010000.",
                "Cloud:BaseUrl is 'http://cloud.example'; plain http is allowed on loopback only, since the key and the prompts would cross the network in the clear. Use https.",
                "Cloud:Model is missing, and Cloud:BaseUrl is set: name the model to ask the cloud for, as the cloud calls it.",
                "Cloud:ApiKey has a character at position 4 that is no visible ASCII character; an HTTP header cannot carry it.",
            ],
            options.FindFaults());
    }

    [Fact]
    public void Validate_ThroughTheUsualValidator_FindsTheRulesOfTheAddress()
    {
        CloudOptions options = new() { BaseUrl = "https://api.deepseek.com" };
        List<ValidationResult> found = [];
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true));
        Assert.Equal([nameof(CloudOptions.Model)], Assert.Single(found).MemberNames);
    }

    [Fact]
    public void ToString_WithAKey_DoesNotShowIt() =>
        Assert.DoesNotContain("sk-secret", new CloudOptions { ApiKey = "sk-secret" }.ToString(), StringComparison.Ordinal);
}
