using System.ComponentModel.DataAnnotations;
using System.Reflection;
using LocalInference.Core.Completions;
using LocalInference.Host.Settings;
using LocalInference.Options;
using Microsoft.Extensions.Configuration;

namespace LocalInference.Host.Tests.Settings;

public sealed class SettingsBinderTests
{
    private static (ServerOptions Server, LocalInferenceOptions Inference) Bind(out IReadOnlyList<string> faults, params (string Key, string Value)[] values) =>
        SettingsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build(), listens: true, out faults);

    [Fact]
    public void Bind_OnlyAModel_TakesTheDocumentedDefaults()
    {
        var (server, inference) = Bind(out IReadOnlyList<string> faults, ("Model", "m"));
        Assert.Empty(faults);
        Assert.Equal(("127.0.0.1", 8080), (server.Host, server.Port));
        Assert.Equal(("m", "cpu", 32, 128, 512), (inference.Model, inference.Device, inference.Engine.MaxSequences, inference.Engine.MaxQueuedRequests, inference.Engine.StepTokens));
        Assert.Null(inference.Engine.KvCacheBytes);
        Assert.Equal(DataClass.LocalOnly, inference.Cloud.DefaultDataClass);
        Assert.False(inference.Cloud.IsConfigured);
        Assert.Empty(inference.Api.Key);
    }

    [Fact]
    public void Bind_EveryKind_IsRead()
    {
        var (server, inference) = Bind(
            out IReadOnlyList<string> faults,
            ("model", "m"), ("Port", "0"), ("engine:kvcachebytes", "5000000000"), ("Cloud:DefaultDataClass", "any"), ("Cloud:IdleTimeout", "00:00:20"), ("Api:Key", "one, two"), ("Kernels:Path", "avx512-vnni"),
            ("Kernels:Threads", "3"), ("Kernels:KvType", "bfloat16"));
        Assert.Empty(faults);
        Assert.Equal(0, server.Port);
        Assert.Equal(5_000_000_000, inference.Engine.KvCacheBytes);
        Assert.Equal((DataClass.Any, TimeSpan.FromSeconds(20)), (inference.Cloud.DefaultDataClass, inference.Cloud.IdleTimeout));
        Assert.Equal(["one", "two"], inference.Api.Key);
        Assert.Equal("Avx512Vnni", inference.Kernels.Path.ToString());
        Assert.Equal(3, inference.Kernels.Threads);
        Assert.Equal("Bfloat16", inference.Kernels.KvType.ToString());
    }

    [Fact]
    public void Bind_AListAsInAFile_IsRead()
    {
        var (_, inference) = Bind(out IReadOnlyList<string> faults, ("Model", "m"), ("Api:Key:0", "one"), ("Api:Key:1", "two"));
        Assert.Empty(faults);
        Assert.Equal(["one", "two"], inference.Api.Key);
    }

    [Theory]
    [InlineData("Port", "many", "Port: found 'many', allowed is a whole number.")]
    [InlineData("Port", "-1", "Port: found -1, allowed is 0 to 65535.")]
    [InlineData("Engine:MaxSequences", "0", "Engine:MaxSequences: found 0, allowed is 1 to 1024.")]
    [InlineData("Engine:Colour", "red", "Engine:Colour: there is no such setting")]
    [InlineData("Cloud:DefaultDataClass", "LocalOnly", "Cloud:DefaultDataClass: found 'LocalOnly', allowed is any or local-only.")]
    [InlineData("Cloud:IdleTimeout", "soon", "Cloud:IdleTimeout: found 'soon', allowed is a time")]
    [InlineData("Cloud:BaseUrl", "ftp://x", "Cloud:BaseUrl")]
    [InlineData("Device", "tpu", "Device: found 'tpu', allowed is auto, cpu, webgpu, cuda.")]
    [InlineData("Kernels:Path", "mmx", "Kernels:Path: found 'mmx', allowed is portable or avx2 or avx-vnni or avx512 or avx512-vnni.")]
    [InlineData("Host", "0.0.0.0", "Api:Key")]
    [InlineData("Model", "", "Model: a value is required.")]
    public void Bind_AFault_IsToldWithWhatIsAllowed(string key, string value, string expected)
    {
        Bind(out IReadOnlyList<string> faults, key == "Model" ? [(key, value)] : [("Model", "m"), (key, value)]);
        Assert.Contains(faults, fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Bind_ACommandThatDoesNotListen_NeedsNoKeyForAnyHost()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Model", "m"), new("Host", "0.0.0.0")]).Build();
        SettingsBinder.Bind(configuration, listens: false, out IReadOnlyList<string> faults);
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Bind_ALoopbackHost_NeedsNoKey(string host)
    {
        Bind(out IReadOnlyList<string> faults, ("Model", "m"), ("Host", host));
        Assert.Empty(faults);
    }

    [Fact]
    public void Documentation_OfEverySetting_IsThere() =>
        Assert.All(Setting.All, setting => Assert.True(SettingDocumentation.Of(setting).Length > 20, setting.Key));

    [Fact]
    public void Documentation_OfEveryNumber_NamesItsDefaultAndItsRange() =>
        Assert.All(Setting.All.Where(s => s.Property.PropertyType == typeof(int)), setting =>
        {
            string text = SettingDocumentation.Of(setting).Replace(",", "", StringComparison.Ordinal);
            object? byDefault = setting.Property.GetValue(Activator.CreateInstance(setting.Property.DeclaringType!));
            RangeAttribute range = setting.Property.GetCustomAttribute<RangeAttribute>()!;
            Assert.All([byDefault, range.Minimum, range.Maximum], number => Assert.Matches($@"\b{number}\b", text));
        });

    [Theory]
    [InlineData(new[] { "serve", "--MODEL", "m" }, new[] { "serve", "--model", "m" })]
    [InlineData(new[] { "--engine:maxsequences=4" }, new[] { "--Engine:MaxSequences", "4" })]
    [InlineData(new[] { "--Cloud:BaseUrl=https://a/?b=c" }, new[] { "--Cloud:BaseUrl", "https://a/?b=c" })]
    [InlineData(new[] { "--unknown=1", "plain" }, new[] { "--unknown=1", "plain" })]
    public void Normalise_Arguments_TakesAnyCaseAndEqualsSigns(string[] given, string[] expected) =>
        Assert.Equal(expected, SettingArguments.Normalise(given));
}
