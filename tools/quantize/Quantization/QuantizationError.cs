using System.Numerics.Tensors;

namespace LocalInference.Quantize.Quantization;

/// <summary>What a tensor lost, added up over its rows. Thread-safe.</summary>
internal sealed class QuantizationError
{
    private readonly Lock _gate = new();
    private double _errorSquares;
    private double _valueSquares;
    private float _largest;
    private long _count;

    /// <summary>Root of the mean squared error.</summary>
    public double Rms => Math.Sqrt(_errorSquares / Math.Max(1, _count));

    /// <summary>The root mean squared error as a part of the weights' own.</summary>
    public double Relative => _valueSquares == 0 ? 0 : Math.Sqrt(_errorSquares / _valueSquares);

    public double Largest => _largest;

    /// <summary>Adds some values and what they became.</summary>
    public void Add(ReadOnlySpan<float> values, Span<float> became)
    {
        double valueSquares = TensorPrimitives.SumOfSquares(values);
        TensorPrimitives.Subtract(became, values, became);
        double errorSquares = TensorPrimitives.SumOfSquares(became);
        float largest = TensorPrimitives.MaxMagnitude<float>(became);
        lock (_gate)
        {
            _valueSquares += valueSquares;
            _errorSquares += errorSquares;
            _largest = Math.Max(_largest, Math.Abs(largest));
            _count += values.Length;
        }
    }
}
