using System.Reflection;
using System.Text.Json;
using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Spill;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Spill;

public sealed class SpillableRequestTests
{
    [Fact]
    public void Constructors_AllOfThem_ArePrivate() =>
        Assert.All(typeof(SpillableRequest).GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic), c => Assert.True(c.IsPrivate));

    [Fact]
    public void Properties_AllOfThem_CannotBeChangedLater() =>
        Assert.All(typeof(SpillableRequest).GetProperties(), p => Assert.False(p.CanWrite));

    [Fact]
    public void WaysToMakeOne_InTheWholeAssembly_AreTryCreateAlone()
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        IEnumerable<string> ways =
            from type in typeof(SpillableRequest).Assembly.GetTypes()
            from method in type.GetMethods(all)
            where method.ReturnType == typeof(SpillableRequest)
                || method.GetParameters().Any(p => p.IsOut && p.ParameterType == typeof(SpillableRequest).MakeByRefType())
            select $"{type.Name}.{method.Name}";
        Assert.Equal(["SpillableRequest.TryCreate"], ways);
    }

    [Fact]
    public void CloudBackend_WhatItTakes_IsTheProofAndNothingElse()
    {
        IEnumerable<Type> taken =
            from contract in typeof(CloudBackend).GetInterfaces()
            where contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(ICompletionBackend<>)
            select contract.GenericTypeArguments[0];
        Assert.Equal([typeof(SpillableRequest)], taken);
        Assert.DoesNotContain(
            typeof(CloudBackend).GetMethods(), m => m.GetParameters().Any(p => p.ParameterType == typeof(CompletionRequest)));
    }

    [Fact]
    public void TryCreate_AnyLocalOnlyRequest_NeverGivesOne() =>
        Gen.Select(Requests.AnyRequest, Requests.AnyError, Gen.Enum<DataClass>()).Sample((request, error, byDefault) =>
        {
            CompletionRequest own = request with { DataClass = DataClass.LocalOnly };
            CompletionRequest byConfiguration = request with { DataClass = null };
            InferenceFailure refusal = new(error, "No.");
            Assert.False(SpillableRequest.TryCreate(own, byDefault, refusal, out SpillableRequest? first));
            Assert.False(SpillableRequest.TryCreate(byConfiguration, DataClass.LocalOnly, refusal, out SpillableRequest? second));
            Assert.Null(first);
            Assert.Null(second);
        });

    [Fact]
    public void TryCreate_NothingSpecialAsked_IgnoresNothing() => Assert.Empty(Requests.Spillable().IgnoredParameters);

    [Fact]
    public void TryCreate_WhatTheCloudHasNoWordsFor_IsListedByWireName()
    {
        CompletionRequest request = Requests.Chat() with
        {
            Prompt = new Prompt.Chat
            {
                Messages = [new ChatMessage { Role = "user", Content = "Hello" }],
                TemplateArguments = new Dictionary<string, JsonElement> { ["enable_thinking"] = Requests.Json("false") },
            },
            Sampling = new SamplingOptions { Temperature = 1, TopP = 0.5, TopK = 0, MinP = 0 },
            Stop = new StopConditions { IgnoreEndTokens = true, TokenIds = [5], Strings = ["END"], MaxTokens = 3 },
        };
        Assert.Equal(
            ["top_k", "min_p", "ignore_eos", "stop_token_ids", "chat_template_kwargs"], Requests.Spillable(request).IgnoredParameters);
    }

    [Fact]
    public void TryCreate_TheRefusalsTime_IsKeptForTheClient() =>
        Assert.Equal(TimeSpan.FromSeconds(7), Requests.Spillable().LocalRetryAfter);
}
