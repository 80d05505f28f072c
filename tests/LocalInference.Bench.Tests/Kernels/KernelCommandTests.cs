using System.CommandLine;
using LocalInference.Bench.Kernels;

namespace LocalInference.Bench.Tests.Kernels;

public sealed class KernelCommandTests
{
    [Theory]
    [InlineData("--listing --rows 17", "--rows is '17'; it must be a whole number from 1 to 16.")]
    [InlineData("--listing --bits 2", "--bits is '2'; it must be one of 4, 8.")]
    [InlineData("--listing --block 48", "--block is '48'; it must be one of 16, 32, 64, 128, 256.")]
    [InlineData("--listing --path portable",
        "--path is 'portable'; it must be one of Avx2, AvxVnni, Avx512, Avx512Vnni (the portable path is C#, which nobody assembles).")]
    [InlineData("--rows 4", "--rows belongs to --listing.")]
    [InlineData("--listing --filter Product", "--filter chooses what is measured, and --listing measures nothing.")]
    public void Parse_AValueThatIsNotAllowed_NamesFoundAndAllowed(string arguments, string expected) =>
        Assert.Equal([expected], KernelCommand.Create().Parse(arguments).Errors.Select(e => e.Message));

    [Theory]
    [InlineData("")]
    [InlineData("--filter Product Attention")]
    [InlineData("--listing --path avx512vnni --rows 16 --bits 8 --block 128")]
    public void Parse_WhatIsAllowed_HasNoErrors(string arguments) => Assert.Empty(KernelCommand.Create().Parse(arguments).Errors);

    [Fact]
    public async Task Invoke_AListing_Succeeds() =>
        Assert.Equal(0, await InvokeAsync("--listing --rows 2"));

    [Fact]
    public async Task Invoke_AFilterThatMatchesNothing_IsExitCodeOne() =>
        Assert.Equal(1, await InvokeAsync("--filter Softmax"));

    private static Task<int> InvokeAsync(string arguments) =>
        KernelCommand.Create().Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
