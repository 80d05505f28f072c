using System.IO.Pipelines;
using LocalInference.Api.Endpoints;
using LocalInference.Api.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LocalInference.Api.Tests.Endpoints;

/// <summary>Bodies that come in pieces and do not say beforehand how long they are.</summary>
public sealed class RequestBodyTests
{
    private const int Limit = 2000;

    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(1000, 1001, false)]
    [InlineData(1, 2000, false)]
    [InlineData(2001, 0, false)]
    public async Task Read_PiecesWithoutALength_CountTogether(int first, int second, bool fits)
    {
        BodyInPieces pieces = new();
        DefaultHttpContext http = new();
        http.Features.Set<IRequestBodyPipeFeature>(pieces);
        http.Request.ContentType = "application/json";
        CancellationToken cancelled = TestContext.Current.CancellationToken;

        await pieces.Pipe.Writer.WriteAsync(new byte[first], cancelled);
        // The first piece has been read when this returns: the second is a read of its own.
        ValueTask<(ReadOnlyMemory<byte> Body, ApiError? Error)> reading = RequestBody.ReadAsync(http.Request, Limit, cancelled);
        if (second > 0) await pieces.Pipe.Writer.WriteAsync(new byte[second], cancelled);
        await pieces.Pipe.Writer.CompleteAsync();
        (ReadOnlyMemory<byte> body, ApiError? error) = await reading;

        Assert.Equal(fits ? null : 413, error?.Status);
        Assert.Equal(fits ? first + second : 0, body.Length);
    }

    private sealed class BodyInPieces : IRequestBodyPipeFeature
    {
        public Pipe Pipe { get; } = new();

        public PipeReader Reader => Pipe.Reader;
    }
}
