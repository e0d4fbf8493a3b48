using System.Text.RegularExpressions;
using Xunit;

namespace CdfProvisioning.Tests;

/// <summary>What holds of the sources as a whole, read from their project files, usings and namespaces.</summary>
public sealed partial class HouseTests
{
    private static readonly string Root = FindRoot();

    /// <summary>A project refers only to those of a lower floor.</summary>
    private static readonly Dictionary<string, int> Floors = new()
    {
        ["Core"] = 0,
        ["Loader"] = 0,
        ["Help"] = 0,
        ["Factory"] = 1,
        ["Pkcs11"] = 1,
        ["Reports"] = 1,
        ["Storage"] = 1,
        ["Embedded"] = 2,
        ["Aws"] = 2,
        ["Server"] = 3,
        ["PowerShell"] = 4,
    };

    private static IReadOnlyList<Source> Sources { get; } =
    [
        .. from project in Directory.EnumerateDirectories(Path.Combine(Root, "src"), "CdfProvisioning.*")
           from file in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
           let path = Path.GetRelativePath(project, file).Replace('\\', '/')
           where !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal)
           select Source.Read(Path.GetFileName(project), path, File.ReadAllText(file)),
    ];

    [Fact]
    public void Projects_refer_to_those_below_them_only()
    {
        var references =
            from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            from match in Reference().Matches(File.ReadAllText(file))
            select (From: Path.GetFileNameWithoutExtension(file).Split('.')[1], To: match.Groups[1].Value);

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(Floors[reference.From] > Floors[reference.To], $"{reference.From} refers to {reference.To}, which is not below it."));
    }

    /// <summary>At every level: what stands in a folder, however deep, counts for that folder.</summary>
    [Fact]
    public void No_folders_side_by_side_use_each_other_in_a_circle()
    {
        var levels = Sources.SelectMany(source => source.Folders.Select((_, depth) => (source.Project, Parent: string.Join('/', source.Folders.Take(depth)), Depth: depth))).Distinct();
        Assert.All(levels, level =>
        {
            var rooms = Sources
                .Where(source => source.Project == level.Project && source.Folders.Length > level.Depth && string.Join('/', source.Folders.Take(level.Depth)) == level.Parent)
                .ToLookup(source => source.Folders[level.Depth]);
            var uses = rooms.ToDictionary(
                room => room.Key,
                room => rooms
                    .Where(other => other.Key != room.Key && other.Select(source => source.Namespace).Intersect(room.SelectMany(source => source.Usings)).Any())
                    .Select(other => other.Key)
                    .ToHashSet());
            while (uses.FirstOrDefault(room => room.Value.Count == 0).Key is { } free)
            {
                uses.Remove(free);
                foreach (var used in uses.Values)
                    used.Remove(free);
            }
            Assert.True(uses.Count == 0, $"{level.Project}/{level.Parent}: a circle through {string.Join(", ", uses.Keys)}.");
        });
    }

    [Fact]
    public void No_two_projects_have_a_type_of_the_same_name()
    {
        var twice =
            from source in Sources
            from type in source.Types
            group source.Project by type into projects
            where projects.Distinct().Count() > 1
            select $"{projects.Key}: {string.Join(", ", projects.Distinct())}";
        Assert.Empty(twice);
    }

    [Fact]
    public void Nothing_new_stands_at_the_top()
    {
        string[] known =
        [
            ".ci", ".config", ".editorconfig", ".gitattributes", ".gitignore", "CdfProvisioning.psd1", "Directory.Build.props", "Directory.Packages.props",
            "LICENSE", "Provisioning.sln", "README.md", "build.ps1", "global.json", "module", "src", "tests",
        ];
        string[] notKept = [".git", ".idea", ".vs", ".vscode", "BenchmarkDotNet.Artifacts", "TestResults", "artifacts", "bin", "obj", "out"];
        Assert.Empty(Directory.EnumerateFileSystemEntries(Root).Select(path => Path.GetFileName(path)).Except([.. known, .. notKept]));
    }

    [Fact]
    public void The_map_in_the_README_is_short_and_names_what_is_there()
    {
        var map = File.ReadAllLines(Path.Combine(Root, "README.md")).SkipWhile(line => line != "## How it is built").TakeWhile((line, i) => i == 0 || !line.StartsWith("## ", StringComparison.Ordinal)).ToList();
        Assert.InRange(map.Count, 10, 30);

        var files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)).ToHashSet();
        var named = map.SelectMany(line => FileName().Matches(line)).Select(match => match.Value).Distinct().ToList();
        Assert.True(named.Count > 15);
        Assert.Empty(named.Except(files));
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Provisioning.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests are not run within the repository.");
        return folder;
    }

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*CdfProvisioning\.(\w+)\.csproj""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\w+\.cs\b(?!proj)")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|abstract|readonly|partial) )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    private sealed record Source(string Project, string[] Folders, string Namespace, IReadOnlyList<string> Usings, IReadOnlyList<string> Types)
    {
        public static Source Read(string project, string path, string text) => new(
            project,
            path.Split('/')[..^1],
            NamespaceLine().Match(text).Groups[1].Value,
            [.. UsingLine().Matches(text).Select(match => match.Groups[1].Value)],
            [.. TypeLine().Matches(text).Select(match => match.Groups[1].Value).Distinct()]);
    }
}
