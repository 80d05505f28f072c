using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CsCheck;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>Products of integer pairs: in C# in every width, and assembled.</summary>
public unsafe class IntegerProductTests
{
    private static readonly Gen<(int Rows, int Depth, int Width, bool Carries, int Seed)> Shapes =
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 70], Gen.Int[1, 9], Gen.Bool, Gen.Int);

    [Theory]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void SmallProduct_AllWidthsAndShapes_AreExactSumsScaledOnce(KvType type) => Shapes.Sample(s =>
    {
        var product = new Product(s.Rows, s.Depth, 16 * s.Width, s.Carries, s.Seed, type);
        float[] expected = product.Expected();
        Assert.Equal(expected, product.Run<Vector512<float>, Lanes512>());
        Assert.Equal(expected, product.Run<Vector256<float>, Lanes256>());
        Assert.Equal(expected, product.Run<Vector128<float>, Lanes128>());
    });

    [Theory]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void PairKernels_AnyShapes_SameBitsAsTheSums(KvType type)
    {
        Assert.SkipUnless(KernelPaths.Supported.Contains(KernelPath.Avx512Vnni), "This processor has no AVX512-VNNI.");
        var memory = new AttentionMemory { Type = type };
        using PairKernels? kernels = PairKernels.TryMake(KernelPath.Avx512Vnni, type);
        Assert.NotNull(kernels);
        memory.PairKernels = kernels.Table;
        AttentionMemory* shared = &memory;
        Shapes.Sample(
            s =>
            {
                var product = new Product(s.Rows, s.Depth, 16 * s.Width, s.Carries, s.Seed, type);
                Assert.Equal(product.Expected(), product.Run(shared));
            },
            threads: 1);
    }

    [Theory]
    [InlineData(KernelPath.Portable)]
    [InlineData(KernelPath.Avx2)]
    [InlineData(KernelPath.AvxVnni)]
    [InlineData(KernelPath.Avx512)]
    public void TryMake_OtherPaths_AreLeftToCSharp(KernelPath path)
    {
        foreach (KvType type in Enum.GetValues<KvType>())
            Assert.Null(PairKernels.TryMake(path, type));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(1024)]
    public void Limit_OfADepth_IsTheLargestWhoseSumsFit(int depth)
    {
        long limit = IntegerRow.Limit(depth);
        Assert.True(limit * limit * depth <= int.MaxValue);
        Assert.True(limit == short.MaxValue || (limit + 1) * (limit + 1) * depth > int.MaxValue);
        long factor = IntegerRow.Limit(depth, sbyte.MaxValue);
        Assert.True(factor * sbyte.MaxValue * depth <= int.MaxValue);
        Assert.True(factor == short.MaxValue || (factor + 1) * sbyte.MaxValue * depth > int.MaxValue);
    }

    [Fact]
    public void Write_AnyRow_RoundsToTheNearestStep() => Gen.Select(Gen.Int[1, 70], Gen.Int[1, short.MaxValue], Gen.Int).Sample((count, limit, seed) =>
    {
        float[] row = Floats(new Random(seed), count, 3);
        short[] integers = new short[count];
        float scale;
        fixed (float* from = row)
        fixed (short* to = integers)
            scale = IntegerRow.Write(from, count, limit, to);
        Assert.Equal(limit, integers.Max(i => Math.Abs((int)i)));
        for (int i = 0; i < count; i++)
            Assert.InRange(Math.Abs(row[i] - ((double)integers[i] * scale)), 0, (0.5 + (limit * 3e-7)) * scale);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void Write_NotANumber_ShowsInTheScale(int at)
    {
        float[] row = Floats(new Random(1), 20, 1);
        row[at] = float.NaN;
        short[] integers = new short[20];
        fixed (float* from = row)
        fixed (short* to = integers)
            Assert.Equal(float.NaN, IntegerRow.Write(from, 20, 100, to));
    }

    private static float[] Floats(Random random, int count, float size) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * size)];

    /// <summary>One random product; A and B reach the limit of their depth.</summary>
    private sealed class Product
    {
        private readonly int _rows;
        private readonly int _depth;
        private readonly int _width;
        private readonly short[] _a;
        private readonly short[] _b;
        private readonly float[] _c;
        private readonly float[] _scales;
        private readonly float[]? _carry;
        private readonly KvType _type;

        public Product(int rows, int depth, int width, bool carries, int seed, KvType type)
        {
            _type = type;
            (_rows, _depth, _width) = (rows, depth, width);
            var random = new Random(seed);
            int limit = type == KvType.Int8 ? sbyte.MaxValue : IntegerRow.Limit(2 * depth);
            _a = Integers(random, rows * depth * 2, IntegerRow.Limit(2 * depth, limit));
            _b = Integers(random, depth * width * 2, limit);
            _c = Floats(random, rows * width, 1);
            _scales = Floats(random, rows, 0.001f);
            _carry = carries ? Floats(random, rows, 1) : null;
        }

        public float[] Expected()
        {
            float[] result = [.. _c];
            for (int row = 0; row < _rows; row++)
                for (int column = 0; column < _width; column++)
                {
                    long sum = 0;
                    for (int k = 0; k < _depth; k++)
                        for (int half = 0; half < 2; half++)
                            sum += _a[(((row * _depth) + k) * 2) + half] * _b[(((k * _width) + column) * 2) + half];
                    float value = (int)sum * _scales[row];
                    ref float at = ref result[(row * _width) + column];
                    at = _carry is null ? value : MathF.FusedMultiplyAdd(at, _carry[row], value);
                }
            return result;
        }

        public float[] Run<TVector, TLanes>()
            where TVector : unmanaged
            where TLanes : struct, ILanes<TVector> => Run((a, b, c, scales, carry) =>
            {
                if (_type == KvType.Int8)
                    SmallProduct<TVector, TLanes, BytePairTerms<TVector, TLanes>>.Run(a, b, c, _rows, _depth, _width, scales, carry);
                else
                    SmallProduct<TVector, TLanes, IntegerPairTerms<TVector, TLanes>>.Run(a, b, c, _rows, _depth, _width, scales, carry);
            });

        public float[] Run(AttentionMemory* memory) =>
            Run((a, b, c, scales, carry) => PairKernels.Run(memory, a, b, c, _rows, _depth, _width, scales, carry));

        private float[] Run(Multiply multiply)
        {
            float[] result = [.. _c];
            Array right = _type == KvType.Int8 ? _b.Select(b => (sbyte)b).ToArray() : _b;
            fixed (short* a = _a)
            fixed (byte* b = &MemoryMarshal.GetArrayDataReference(right))
            fixed (float* c = result, scales = _scales, carry = _carry)
                multiply(new Rows((float*)a, _depth), new Rows((float*)b, _width), new Rows(c, _width), scales, carry);
            return result;
        }

        private static short[] Integers(Random random, int count, int limit) =>
            [.. Enumerable.Range(0, count).Select(i => (short)(i % 3 == 0 ? limit : random.Next(-limit, limit + 1)))];

        private delegate void Multiply(Rows a, Rows b, Rows c, float* scales, float* carry);
    }
}
