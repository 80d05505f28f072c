using System.Text.Json;
using CsCheck;
using LocalInference.Testing;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Tests.Parsing;

public sealed class AnswerParserTests
{
    private const string OneCall = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{\"city\": \"Beijing\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>";

    /// <summary>Format, whether the prompt opened reasoning, the answer, what comes of it.</summary>
    public static TheoryData<string, bool, string, string> Answers => new()
    {
        // Reasoning.
        { nameof(ToolCallFormat.None), true, "I add.\n</think>\n\n4", "R(I add.⏎) C(4) = 0" },
        { nameof(ToolCallFormat.None), true, "I never end", "R(I never end) = 0" },
        { nameof(ToolCallFormat.None), true, "a < b </thin k> </think>c", "R(a < b </thin k> ) C(c) = 0" },
        { nameof(ToolCallFormat.None), true, "", " = 0" },
        { nameof(ToolCallFormat.None), true, "</think>\n\n", " = 0" },
        { nameof(ToolCallFormat.None), true, "<think>\nonce more</think>x", "R(once more) C(x) = 0" },
        { nameof(ToolCallFormat.None), true, "a</think>b</think>c", "R(a) C(b</think>c) = 0" },
        { nameof(ToolCallFormat.None), false, "<think>\nwell\n</think>\n\nyes", "R(well⏎) C(yes) = 0" },
        { nameof(ToolCallFormat.None), false, "\n<think>well</think>yes", "R(well) C(yes) = 0" },
        { nameof(ToolCallFormat.None), false, "\n <thin", "C(⏎ <thin) = 0" },
        { nameof(ToolCallFormat.None), false, "yes <think>no</think>", "C(yes <think>no</think>) = 0" },
        { nameof(ToolCallFormat.None), false, "\n\nkept", "C(⏎⏎kept) = 0" },
        { nameof(ToolCallFormat.None), true, "x</think>" + OneCall, "R(x) C(" + OneCall.Replace("\n", "⏎") + ") = 0" },

        // R1 and V3: fenced.
        { nameof(ToolCallFormat.Fenced), false, OneCall, "N0(get_time) A0({\"city\": \"Beijing\"}) = 1" },
        { nameof(ToolCallFormat.Fenced), true, "I need it.\n</think>\n\n" + OneCall, "R(I need it.⏎) N0(get_time) A0({\"city\": \"Beijing\"}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "Let me look.\n\n" + OneCall + "\nDone.", "C(Let me look.) N0(get_time) A0({\"city\": \"Beijing\"}) C(Done.) = 1" },
        {
            nameof(ToolCallFormat.Fenced), false,
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\n  \"a\" : \"```\\n\"  }\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>g\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "N0(f) A0({⏎  \"a\" : \"```\\n\"  }) N1(g) A1({}) = 2"
        },
        // Parts left out.
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁calls▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```\n{\"a\": 1}\n```", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n{\"a\": 1}<｜tool▁call▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n{\"a\": 1}\n```\n<｜tool▁call▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}```<｜tool▁call▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}\n<｜tool▁calls▁end｜>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": 1}", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": ", "N0(f) A0({\"a\":) = 0" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>now<｜tool▁call▁end｜>", "N0(now) A0({}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{not json}\n```<｜tool▁call▁end｜>", "N0(f) A0({not json}) = 1" },
        { nameof(ToolCallFormat.Fenced), false, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{}\n```\nand so on", "N0(f) A0({}) C(and so on) = 1" },
        // V3.1: bare.
        { nameof(ToolCallFormat.Bare), false, "Sure.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\": [1]}<｜tool▁call▁end｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "C(Sure.) N0(f) A0({\"a\": [1]}) N1(g) A1({}) = 2" },
        { nameof(ToolCallFormat.Bare), false, "<｜tool▁call▁begin｜>f<｜tool▁sep｜><｜tool▁call▁end｜>", "N0(f) A0({}) = 1" },

        // V3.2 and V4: a tag for each parameter.
        {
            nameof(ToolCallFormat.Dsml), false,
            "Look.\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"p\" string=\"true\">say \"hi\"\n\\</｜DSML｜parameter>\n<｜DSML｜parameter name=\"q\" string=\"false\">{\"json\": 1}</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
            "C(Look.) N0(f) A0({\"p\": \"say \\\"hi\\\"\\n\\\\\", \"q\": {\"json\": 1}}) = 1"
        },
        {
            nameof(ToolCallFormat.Dsml), true,
            "hm</think>\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"now\">\n\n</｜DSML｜invoke>\n<｜DSML｜invoke name=\"g\">\n<｜DSML｜parameter name=\"x\" string=\"false\">oops</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>\n",
            "R(hm) N0(now) A0({}) N1(g) A1({\"x\": \"oops\"}) = 2"
        },
        { nameof(ToolCallFormat.Dsml), false, "<｜DSML｜invoke name=\"f\">{\"a\": 1}</｜DSML｜invoke>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Dsml), false, "<｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"p\" string=\"true\">x</｜DSML｜invoke>", "N0(f) A0({\"p\": \"x\"}) = 1" },
        { nameof(ToolCallFormat.Dsml), false, "<｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"p\" string=\"true\">x</｜DSML｜parameter>", "N0(f) A0({\"p\": \"x\"}) = 1" },
        { nameof(ToolCallFormat.Dsml), false, "<｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"p\" string=\"true\">x</｜DS", "N0(f) A0({\"p\": \"x</｜DS) = 0" },
        { nameof(ToolCallFormat.Dsml), false, "<｜DSML｜invoke name=\"f\">", "N0(f) = 0" },

        // Qwen and Hermes.
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"</tool_call> }\\\"\"}}\n</tool_call>", "N0(f) A0({\"a\": \"</tool_call> }\\\"\"}) = 1" },
        { nameof(ToolCallFormat.Hermes), false, "Ok\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"arguments\": {\"x\": [1, 2]}, \"name\": \"g\"}\n</tool_call>", "C(Ok) N0(f) A0({}) N1(g) A1({\"x\": [1, 2]}) = 2" },
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>{\"id\": 7, \"name\": \"f\", \"parameters\": {\"a\": 1}}", "N0(f) A0({\"a\": 1}) = 1" },
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>{\"name\": \"f\"}</tool_call>then", "N0(f) A0({}) C(then) = 1" },
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1</tool_call>", "N0(f) A0({\"a\": 1) = 1" },
        { nameof(ToolCallFormat.Hermes), false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1", "N0(f) A0({\"a\": 1) = 0" },
    };

    /// <summary>What looks like the beginning of a call and is none: every character must come out as content.</summary>
    public static TheoryData<string, string> Broken => new()
    {
        { nameof(ToolCallFormat.Fenced), "<｜tool▁calls▁begin｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁calls▁begin｜> \n<｜tool▁call▁begin｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁calls▁begin｜>I would rather not.<｜tool▁calls▁end｜> Sorry." },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function f\n```json\n{}\n```<｜tool▁call▁end｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>two words\n```json\n{}\n```<｜tool▁call▁end｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜><｜tool▁call▁end｜>" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>cut_of" },
        { nameof(ToolCallFormat.Fenced), "<｜tool▁sep｜> and <｜tool▁call▁end｜> alone, <｜tool▁ca" },
        { nameof(ToolCallFormat.Fenced), "a <｜tool▁calls▁begin｜> \n" },
        { nameof(ToolCallFormat.Dsml), "<｜DSML｜function_calls>\nnothing\n</｜DSML｜function_calls>" },
        { nameof(ToolCallFormat.Dsml), "<｜DSML｜function_calls>\n</｜DSML｜function_calls>" },
        { nameof(ToolCallFormat.Dsml), "<｜DSML｜invoke id=\"x\">y" },
        { nameof(ToolCallFormat.Dsml), "<｜DSML｜invoke name=\"x" },
        { nameof(ToolCallFormat.Dsml), "text <｜DSML｜para" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>\n<function=f>\n</function>\n</tool_call>" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>[1]</tool_call>" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>{\"arguments\": {\"a\": 1}}</tool_call>" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>{\"name\": 5, \"arguments\": {}}</tool_call>" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>{\"name\" \"f\"}" },
        { nameof(ToolCallFormat.Hermes), "<tool_call>{\"name\": \"f" },
        { nameof(ToolCallFormat.Hermes), "a < b and <tool_cal" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Append_GoldenAnswer_GivesItsParts(string format, bool opensReasoning, string answer, string expected) =>
        Assert.Equal(expected, AnswerReading.Whole(answer, format, opensReasoning));

    [Theory]
    [MemberData(nameof(Answers))]
    public void Append_GoldenAnswerCutAnywhere_GivesTheSameParts(string format, bool opensReasoning, string answer, string expected)
    {
        Assert.Equal(expected, AnswerReading.Cut(answer, format, opensReasoning, Enumerable.Range(1, Math.Max(0, answer.Length - 1))));
        for (int border = 1; border < answer.Length; border++)
            Assert.Equal(expected, AnswerReading.Cut(answer, format, opensReasoning, [border]));
        Gen.Int[0, answer.Length].Array[0, 8].Sample(
            borders => Assert.Equal(expected, AnswerReading.Cut(answer, format, opensReasoning, borders.Order())),
            iter: 50);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Append_BrokenCallCutAnywhere_LosesNoCharacter(string format, string answer)
    {
        string expected = $"C({answer.Replace("\n", "⏎")}) = 0";
        Assert.Equal(expected, AnswerReading.Whole(answer, format));
        for (int border = 1; border < answer.Length; border++)
            Assert.Equal(expected, AnswerReading.Cut(answer, format, false, [border]));
        Assert.Equal(expected, AnswerReading.Cut(answer, format, false, Enumerable.Range(1, answer.Length - 1)));
    }

    [Fact]
    public void Append_RandomMixOfMarkers_GivesTheSamePartsHoweverCut()
    {
        string[] pieces =
        [
            "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁sep｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n", "function", "f", "\n", " ", "```", "\n```", "```json\n", "{\"a\": 1}", "{", "\"", "x",
            "<think>", "</think>", "<tool_call>", "</tool_call>", "{\"name\": \"f\", \"arguments\": ", "}", ",",
            "<｜DSML｜function_calls>", "</｜DSML｜function_calls>", "<｜DSML｜invoke name=\"f\">", "</｜DSML｜invoke>", "<｜DSML｜parameter name=\"p\" string=\"true\">", "<｜DSML｜parameter name=\"q\">", "</｜DSML｜parameter>",
        ];
        Gen<string> answers = Gen.Int[0, pieces.Length - 1].Select(place => pieces[place]).Array[0, 14].Select(string.Concat);
        string[] formats = Enum.GetNames<ToolCallFormat>();
        Gen.Select(answers, Gen.Int[0, formats.Length - 1].Select(place => formats[place]), Gen.Bool, Gen.Int[0, 1_000_000].Array[0, 10]).Sample(
            (answer, format, opensReasoning, numbers) =>
            {
                IEnumerable<int> borders = numbers.Select(number => number % (answer.Length + 1)).Order();
                string whole = AnswerReading.Whole(answer, format, opensReasoning);
                Assert.Equal(whole, AnswerReading.Cut(answer, format, opensReasoning, borders));
                Assert.Equal(whole, AnswerReading.Cut(answer, format, opensReasoning, Enumerable.Range(1, Math.Max(0, answer.Length - 1))));
            },
            iter: 5_000);
    }

    [Theory]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n{\"a\":BLANKS1BLANKS```BLANKS<｜tool▁call▁end｜>")]
    [InlineData(nameof(ToolCallFormat.Fenced), "BLANKSaBLANKS<｜tool▁calls▁begin｜>BLANKS<｜tool▁calls▁end｜>BLANKS")]
    [InlineData(nameof(ToolCallFormat.Dsml), "aBLANKS<｜DSML｜invoke name=\"f\">BLANKS</｜DSML｜invoke>BLANKSb")]
    [InlineData(nameof(ToolCallFormat.Hermes), "BLANKS<tool_call>BLANKS{BLANKS\"name\": \"f\"}BLANKS</tool_call>BLANKS")]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>functionBLANKS<｜tool▁sep｜>f\n```json\n{}\n```<｜tool▁call▁end｜>")]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>BLANKSfBLANKS```BLANKSjson{}```<｜tool▁call▁end｜>")]
    [InlineData(nameof(ToolCallFormat.Hermes), "<tool_call>{\"name\"BLANKS:BLANKS\"f\"BLANKS,BLANKS\"arguments\":BLANKS{}BLANKS}</tool_call>")]
    [InlineData(nameof(ToolCallFormat.Dsml), "<｜DSML｜invokeBLANKSname=\"f\"BLANKS><｜DSML｜parameterBLANKSname=\"f\"BLANKS>1</｜DSML｜parameter>")]
    [InlineData(nameof(ToolCallFormat.None), "BLANKS<think>BLANKSa</think>BLANKSb")]
    public void Append_BlanksWithoutEnd_GivesTheSameHoweverCut(string format, string pattern)
    {
        foreach (int count in (int[])[1, 60, 255, 256, 257, 600])
        {
            foreach (char blank in "\n ")
            {
                string answer = pattern.Replace("BLANKS", new string(blank, count), StringComparison.Ordinal);
                string whole = AnswerReading.Whole(answer, format);
                Assert.Equal(whole, AnswerReading.Cut(answer, format, false, Enumerable.Range(1, answer.Length - 1)));
                Assert.Equal(
                    whole,
                    AnswerReading.Cut(answer, format, false, Enumerable.Range(1, (answer.Length - 1) / 7).Select(place => place * 7)));
            }
        }
    }

    [Fact]
    public void Append_TinyR1sOwnOutputs_GivesWhatItMeant()
    {
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string output = row.RootElement.GetProperty("output").GetString()!;
            bool opens = row.RootElement.GetProperty("prompt").GetString()!.EndsWith("<think>\n", StringComparison.Ordinal);
            AnswerParser parser = new(opens, ToolCallFormat.Fenced);
            List<AnswerPart> parts = [];
            parser.Append(output, parts);
            parser.Complete(parts);
            string answer = output[(output.IndexOf("</think>", StringComparison.Ordinal) is var end && end < 0 ? 0 : end + "</think>".Length)..].TrimStart('\n');
            Assert.Equal(opens && end > 0, parts.Exists(part => part.Kind == AnswerPartKind.Reasoning));
            Assert.Equal(output.Split("<｜tool▁call▁begin｜>").Length - 1, parser.CompletedToolCalls);
            if (parser.CompletedToolCalls == 0)
                Assert.Equal(answer, string.Concat(parts.Where(part => part.Kind == AnswerPartKind.Content).Select(part => part.Text)));
            else
                Assert.All(parts.Where(part => part.Kind == AnswerPartKind.ToolCallArguments), part => JsonElement.Parse(part.Text));
        }
    }

    [Fact]
    public void Append_ArgumentsAsTheyArrive_AreGivenOutAtOnce()
    {
        AnswerParser parser = new(opensReasoning: false, ToolCallFormat.Fenced);
        List<AnswerPart> parts = [];
        parser.Append("<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"city\"", parts);
        Assert.Equal(
            [new AnswerPart(AnswerPartKind.ToolCallStart, "f"), new AnswerPart(AnswerPartKind.ToolCallArguments, "{\"city\"")], parts);
    }

    // A model that writes nothing but blanks, or a name without end, must not fill the memory of the server.
    [Theory]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n{\"a\":", '\n')]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>", 'x')]
    [InlineData(nameof(ToolCallFormat.Fenced), "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", 'x')]
    [InlineData(nameof(ToolCallFormat.Dsml), "<｜DSML｜invoke name=\"", 'x')]
    [InlineData(nameof(ToolCallFormat.Hermes), "<tool_call>{\"", 'x')]
    [InlineData(nameof(ToolCallFormat.None), "<think>", '`')]
    public void Append_WhatNeverEnds_IsNotHeldWithoutEnd(string format, string beginning, char endless)
    {
        AnswerParser parser = new(opensReasoning: false, Enum.Parse<ToolCallFormat>(format));
        List<AnswerPart> parts = [];
        parser.Append(beginning, parts);
        for (int i = 0; i < 2_000; i++)
            parser.Append([endless], parts);
        Assert.InRange(parts.Sum(part => part.Text.Length), 1_000, beginning.Length + 2_000);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("so", true)]
    [InlineData("so</think", true)]
    [InlineData("so</think>", false)]
    [InlineData("so</think>\n\nyes", false)]
    public void InReasoning_WhileReading_FollowsTheMarkers(string answer, bool expected)
    {
        AnswerParser parser = new(opensReasoning: true, ToolCallFormat.None);
        parser.Append(answer, []);
        Assert.Equal(expected, parser.InReasoning);
    }
}
