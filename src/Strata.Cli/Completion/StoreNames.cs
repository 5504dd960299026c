using Strata.Cli.Rendering;
using Strata.Host;

namespace Strata.Cli.Completion;

/// <summary>The names in a store. Looking for some never makes a store, and never fails: somebody is in the middle of a word.</summary>
/// <param name="session">This call of the program.</param>
/// <param name="root">As it was typed; null: where the store is by default.</param>
internal sealed class StoreNames(CliSession session, string? root)
{
    public IEnumerable<Candidate> Images() => From(host => host.Store.Images.List()
        .SelectMany(image => image.Names.Select(name => new Candidate(name.Reference.Familiar, $"{image.Id.Short} {Amounts.Size(image.Size)}"))));

    /// <summary>By id, for who has begun to type one.</summary>
    public IEnumerable<Candidate> ImageIds() => From(host => host.Store.Images.List()
        .Select(image => new Candidate(image.Id.Short, image.Names is [var name, ..] ? name.Reference.Familiar : "an image without a name")));

    public IEnumerable<Candidate> Repositories() => From(host => host.Store.Images.List()
        .SelectMany(image => image.Names)
        .Select(name => new Candidate(name.Reference.FamiliarName, "a repository"))
        .Distinct());

    public IEnumerable<Candidate> Containers() => From(host => host.Store.Containers.List()
        .Select(container => new Candidate(container.Name, container.ImageName ?? container.Image.Short)));

    private IReadOnlyList<Candidate> From(Func<StrataHost, IEnumerable<Candidate>> read)
    {
        try
        {
            var settings = HostSettings.Read(session.Environment, root) with { OnlyLooks = true };
            if (!Directory.Exists(settings.Root))
            {
                return [];
            }
            using var host = new StrataHost(settings, session.Environment);
            return [.. read(host)];
        }
        catch (Exception e) when (e is IOException or StrataException or UnauthorizedAccessException or FormatException)
        {
            return [];
        }
    }
}
