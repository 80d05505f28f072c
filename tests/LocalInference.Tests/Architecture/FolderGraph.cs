using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace LocalInference.Tests.Architecture;

/// <summary>Which folder of a project uses which other one, read from the compiled code: method bodies, signatures, attributes.</summary>
internal sealed class FolderGraph
{
    private readonly Dictionary<(string From, string To), string> _uses = [];

    /// <summary>Reads a project's assembly from beside the tests.</summary>
    /// <param name="project">Its name.</param>
    public FolderGraph(string project)
    {
        ArchUnitNET.Domain.Architecture assembly = new ArchLoader()
            .LoadFilteredDirectory(AppContext.BaseDirectory, project + ".dll", SearchOption.TopDirectoryOnly).Build();
        HashSet<IType> own = [.. assembly.Types];
        foreach (IType user in own)
            foreach (IType used in user.Dependencies.Select(d => d.Target).Where(own.Contains))
                if (user.Namespace.FullName != used.Namespace.FullName)
                    _uses.TryAdd((user.Namespace.FullName, used.Namespace.FullName), $"{user.Name} uses {used.Name}");
        TypeCount = own.Count;
    }

    /// <summary>Types that were read.</summary>
    public int TypeCount { get; }

    /// <summary>Every use that is part of a circle, with one pair of types as its proof.</summary>
    public IEnumerable<string> Circles() =>
        from use in _uses
        where Reaches(use.Key.To, use.Key.From, [])
        orderby use.Key
        select $"{use.Key.From} → {use.Key.To}: {use.Value}";

    private bool Reaches(string from, string target, HashSet<string> seen) =>
        from == target || (seen.Add(from) && _uses.Keys.Any(use => use.From == from && Reaches(use.To, target, seen)));
}
