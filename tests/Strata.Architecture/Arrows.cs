using System.Xml.Linq;

namespace Strata.Architecture;

/// <summary>The rooms and every arrow between them, as ARCHITECTURE.md draws them.</summary>
public sealed class Arrows
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Strata.Oci"] = [],
        ["Strata.Linux"] = [],
        ["Strata.Dockerfile"] = [],
        ["Strata.Content"] = ["Strata.Oci", "Strata.Linux"],
        ["Strata.Sqlite"] = ["Strata.Linux"],
        ["Strata.Store"] = ["Strata.Oci", "Strata.Linux", "Strata.Content", "Strata.Sqlite"],
        ["Strata.Remote"] = ["Strata.Oci", "Strata.Content"],
        ["Strata.Build"] = ["Strata.Oci", "Strata.Linux", "Strata.Content", "Strata.Dockerfile"],
        ["Strata.Runtime"] = ["Strata.Oci", "Strata.Linux", "Strata.Content"],
        ["Strata.Registry"] = ["Strata.Oci", "Strata.Linux", "Strata.Content", "Strata.Sqlite"],
        ["Strata.Host"] = ["Strata.Oci", "Strata.Linux", "Strata.Content", "Strata.Store", "Strata.Remote", "Strata.Dockerfile",
            "Strata.Build", "Strata.Runtime", "Strata.Registry"],
        // The face shows what the parts say of themselves (events, records) without copying it into types of its own.
        ["Strata.Cli"] = ["Strata.Oci", "Strata.Linux", "Strata.Content", "Strata.Store", "Strata.Remote", "Strata.Build", "Strata.Runtime",
            "Strata.Host"],
    };

    [Fact]
    public void Every_reference_between_rooms_is_an_arrow_of_the_plan()
    {
        var unknown = new List<string>();
        foreach (var project in Repository.Projects("src"))
        {
            var room = Path.GetFileNameWithoutExtension(project);
            var allowed = Allowed.GetValueOrDefault(room);
            if (allowed is null)
            {
                unknown.Add($"{room} is a room that the plan does not have");
                continue;
            }
            unknown.AddRange(References(project).Except(allowed).Select(target => $"{room} → {target}"));
        }
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_room_of_the_plan_stands_and_has_its_tests()
    {
        var rooms = Repository.Projects("src").Select(project => Path.GetFileNameWithoutExtension(project)!).ToHashSet();
        var tests = Repository.Projects("tests").Select(project => Path.GetFileNameWithoutExtension(project)!).ToHashSet();
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), rooms.Order(StringComparer.Ordinal));
        Assert.Superset(Allowed.Keys.Select(room => room + ".Tests").ToHashSet(), tests.ToHashSet());
    }

    [Fact]
    public void The_values_at_the_bottom_use_no_package()
    {
        foreach (var room in new[] { "Strata.Oci", "Strata.Linux", "Strata.Dockerfile" })
        {
            var project = Path.Combine(Repository.Root, "src", room, room + ".csproj");
            Assert.Empty(XDocument.Load(project).Descendants("PackageReference"));
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Strata.slnx"));
        var missing = Repository.Projects("src").Concat(Repository.Projects("tests"))
            .Select(Repository.Relative)
            .Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static IEnumerable<string> References(string project) => XDocument.Load(project)
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
