using System.Buffers;
using System.Runtime.InteropServices;
using LocalInference.Text.Chat;
using LocalInference.Text.Tokenization.AddedTokens;

namespace LocalInference.Text.Tokenization;

/// <summary>A rendered prompt as one text in a pooled buffer, with where each origin's stretches end.</summary>
internal readonly ref struct JoinedPrompt : IDisposable
{
    private readonly char[] _room;
    private readonly List<int> _ends;
    private readonly bool _firstIsTemplate;

    public JoinedPrompt(RenderedPrompt prompt)
    {
        _room = ArrayPool<char>.Shared.Rent(prompt.Segments.Sum(segment => segment.Text.Length));
        _ends = new List<int>(prompt.Segments.Count);
        _firstIsTemplate = prompt.Segments.Count > 0 && !prompt.Segments[0].IsInput;
        int length = 0;
        bool? lastIsInput = null;
        foreach (PromptSegment segment in prompt.Segments)
        {
            segment.Text.CopyTo(_room.AsSpan(length));
            length += segment.Text.Length;
            // Stretches take turns; neighbours of one origin are one stretch.
            if (segment.IsInput == lastIsInput) _ends[^1] = length;
            else _ends.Add(length);
            lastIsInput = segment.IsInput;
        }

        Text = _room.AsSpan(0, length);
    }

    /// <summary>The whole text.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Where in it control tokens may stand: in the template's stretches.</summary>
    public TextOrigins Origins => new(CollectionsMarshal.AsSpan(_ends), _firstIsTemplate);

    /// <summary>Gives the buffer back, emptied: the pool is no place for what people wrote.</summary>
    public void Dispose() => ArrayPool<char>.Shared.Return(_room, clearArray: true);
}
