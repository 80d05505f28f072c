namespace LocalInference.Text.Parsing;

/// <summary>Finds where a JSON value ends, character by character, without minding whether it is valid.</summary>
internal struct JsonValueScanner
{
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _hasBegun;

    /// <summary>Whether the next character stands inside a text.</summary>
    public readonly bool InString => _inString;

    /// <summary>Takes the next character.</summary>
    /// <param name="character">The character.</param>
    /// <param name="belongs">Whether it is part of the value; what ends a bare number or word is not.</param>
    /// <returns>Whether the value is over.</returns>
    public bool Take(char character, out bool belongs)
    {
        belongs = true;
        if (_inString)
        {
            bool closes = !_isEscaped && character == '"';
            _isEscaped = !_isEscaped && character == '\\';
            _inString = !closes;
            return closes && _depth == 0;
        }
        switch (character)
        {
            case '"':
                _inString = true;
                break;
            case '{' or '[':
                _depth++;
                break;
            case '}' or ']' when _depth > 0:
                return --_depth == 0;
            case ',' or '}' or ']' or ' ' or '\n' or '\r' or '\t' when _depth == 0 && _hasBegun:
                belongs = false;
                return true;
        }
        _hasBegun = true;
        return false;
    }
}
