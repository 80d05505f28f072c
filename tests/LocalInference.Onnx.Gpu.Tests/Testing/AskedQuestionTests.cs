using System.Text.Json;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>The judge of answers, on answers whose number of right ones is known. Needs no device.</summary>
public class AskedQuestionTests
{
    [Fact]
    public void IsAnsweredBy_WhatTheCheckpointSays_IsRight289Times()
    {
        JsonElement[] lines =
            [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")).Select(Parse)];
        Assert.Equal(289, AskedQuestion.All.Zip(lines).Count(p => p.First.IsAnsweredBy(p.Second.GetProperty("output").GetString()!)));
    }

    private static JsonElement Parse(string line) => JsonSerializer.Deserialize<JsonElement>(line);
}
