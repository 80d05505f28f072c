namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>One rendering: its budget, its clock and where its text goes.</summary>
internal sealed class RenderState
{
    public RenderState(RenderBudget budget, DateTimeOffset now, TemplateReading reading, IReadOnlyDictionary<string, Value> variables)
    {
        Budget = budget;
        Now = now;
        Reading = reading;
        Equality = new ValueEquality(budget);
        Output = new TextBuilder(budget);
        Variables = variables;
    }

    public RenderBudget Budget { get; }

    /// <summary>What strftime_now shows: one moment for the whole rendering.</summary>
    public DateTimeOffset Now { get; }

    public TemplateReading Reading { get; }

    public ValueEquality Equality { get; }

    /// <summary>What the template was given; the outermost names.</summary>
    public IReadOnlyDictionary<string, Value> Variables { get; }

    /// <summary>Where text goes now; macros, set blocks and calls put their own in its place.</summary>
    public TextBuilder Output { get; private set; }

    /// <summary>The line being executed, for errors.</summary>
    public int Line { get; set; }

    /// <summary>Runs something and gives the text that it wrote.</summary>
    public StringValue Capture(Action write)
    {
        TextBuilder outer = Output;
        Output = new TextBuilder(Budget);
        try
        {
            write();
            return Output.ToValue();
        }
        finally
        {
            Output = outer;
        }
    }

    public StringValue Text(Value value) => PythonText.Str(value, Budget);

    /// <summary>A list of what an iteration gives, paid for.</summary>
    public List<Value> Collect(IEnumerable<Value> items)
    {
        List<Value> elements = [];
        foreach (Value item in items)
        {
            Budget.TakeElements(1);
            elements.Add(item);
        }
        return elements;
    }
}
