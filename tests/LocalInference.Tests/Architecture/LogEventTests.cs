using System.Reflection;
using Microsoft.Extensions.Logging;

namespace LocalInference.Tests.Architecture;

/// <summary>Every project numbers its events within a hundred of its own, so that an alert on a number means one thing.</summary>
public sealed class LogEventTests
{
    private static readonly Dictionary<string, (int First, int Last)> Numbers = new()
    {
        ["LocalInference.Text"] = (200, 299),
        ["LocalInference.Engine"] = (300, 399),
        ["LocalInference.Routing"] = (400, 499),
        ["LocalInference.Api"] = (500, 599),
        ["LocalInference"] = (600, 699),
        ["LocalInference.Onnx"] = (2000, 2099),
    };

    [Fact]
    public void Events_OfAllProjects_AreNumberedOnceAndWithinTheirProjectsHundred()
    {
        foreach ((string project, (int first, int last)) in Numbers)
        {
            int[] ids = [.. EventsOf(Assembly.Load(project)).Select(e => e.EventId)];
            Assert.NotEmpty(ids);
            Assert.Equal(ids.Distinct().Count(), ids.Length);
            Assert.All(ids, id => Assert.InRange(id, first, last));
        }
    }

    [Fact]
    public void Events_OfTheOtherProjects_AreNone() =>
        Assert.All(["LocalInference.Core", "LocalInference.Host"], project => Assert.Empty(EventsOf(Assembly.Load(project))));

    private static IEnumerable<LoggerMessageAttribute> EventsOf(Assembly project) =>
        project.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>();
}
