using Iced.Intel;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The handful of vector instructions that kernels consist of, written with registers as numbers, so that the kernel's shape is described once
/// (<see cref="ProductKernel"/>) for both widths. Each method emits one to three instructions.
/// </summary>
internal abstract class VectorCode(Assembler assembler, bool hasDot)
{
    private Label _nibbles = assembler.CreateLabel();
    private Label _ones = assembler.CreateLabel();

    /// <summary>Where instructions go.</summary>
    protected Assembler Code => assembler;

    /// <summary>Whether <c>vpdpbusd</c> is there; else products are pairs in 16 bits (<c>vpmaddubsw</c>) until <see cref="FinishSum"/>.</summary>
    public bool HasDot => hasDot;

    /// <summary>32-bit lanes of a register.</summary>
    public abstract int Lanes { get; }

    /// <summary>Registers.</summary>
    public abstract int RegisterCount { get; }

    /// <summary>Bytes of a register.</summary>
    public int Bytes => Lanes * sizeof(int);

    /// <summary>0x0F in every byte.</summary>
    protected AssemblerMemoryOperand Nibbles => AssemblerRegisters.__[_nibbles];

    /// <summary>1 in every 16 bits.</summary>
    protected AssemblerMemoryOperand Ones => AssemblerRegisters.__[_ones];

    public abstract void Clear(int register);

    public abstract void Load(int register, AssemblerMemoryOperand from);

    public abstract void Store(AssemblerMemoryOperand to, int register);

    public abstract void Copy(int to, int from);

    /// <summary>Four bytes into every lane.</summary>
    public abstract void Broadcast(int register, AssemblerMemoryOperand from);

    /// <summary>A line of 4-bit codes into its low and its high halves, as bytes.</summary>
    /// <param name="low">Gets the low halves.</param>
    /// <param name="high">Gets the high halves.</param>
    /// <param name="line">The line.</param>
    /// <param name="mask">Holds 0x0F in every byte (<see cref="LoadMask"/>); null where no register is left, then memory does.</param>
    public abstract void Unpack(int low, int high, AssemblerMemoryOperand line, int? mask);

    /// <summary>0x0F in every byte.</summary>
    public void LoadMask(int register) => LoadUnaligned(register, Nibbles);

    protected abstract void LoadUnaligned(int register, AssemblerMemoryOperand from);

    /// <summary>Adds unsigned codes × signed activations, four of each to a lane (or two to each half of it).</summary>
    public abstract void AddProducts(int sum, int codes, int activations, int scratch);

    /// <summary>16-bit halves to lanes of 32 bits; nothing to do where <see cref="HasDot"/>.</summary>
    public abstract void FinishSum(int sum);

    /// <summary>Adds 16 times a sum: that of the high halves of 8-bit codes.</summary>
    public abstract void AddSixteenfold(int sum, int high);

    /// <summary>Adds one 32-bit number to every lane.</summary>
    public abstract void AddEverywhere(int sum, AssemblerMemoryOperand from, int scratch);

    /// <summary>Zero points, 16 bits each, to lanes.</summary>
    public abstract void LoadZeroPoints(int register, AssemblerMemoryOperand from);

    /// <summary>Adds zero points × one number that fits 16 bits.</summary>
    public abstract void AddZeroPoints(int sum, int zeroPoints, AssemblerMemoryOperand number, int scratch);

    public abstract void LoadScales(int register, AssemblerMemoryOperand from, bool half);

    public abstract void ToFloat(int register);

    /// <summary>product = scales × one float.</summary>
    public abstract void Scale(int product, int scales, AssemblerMemoryOperand factor);

    /// <summary>value = value × factor + addend, rounded once.</summary>
    public abstract void MultiplyAdd(int value, int factor, AssemblerMemoryOperand addend);

    /// <summary>total = total + value × factor, rounded once.</summary>
    public abstract void Accumulate(int total, int value, int factor);

    /// <summary>Writes the constants behind the code.</summary>
    public void WriteConstants()
    {
        WriteConstant(ref _nibbles, 0x0F0F0F0F);
        WriteConstant(ref _ones, 0x00010001);
    }

    private void WriteConstant(ref Label label, uint value)
    {
        assembler.Label(ref label);
        for (int i = 0; i < Lanes; i++)
            assembler.dd(value);
    }
}
