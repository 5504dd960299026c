using System.CommandLine;
using Strata.Host;
using Strata.Store;

namespace Strata.Cli.Verbs;

internal static class RmiVerb
{
    public static Command Create(CliSession session)
    {
        var images = new Argument<string[]>("IMAGE") { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Also when containers or several names use it" };
        var command = new Command("rmi", "Remove names, and images that have none left") { images, force };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            return await session.EachAsync(parse, parse.GetRequiredValue(images), async text =>
            {
                switch (await host.Store.Maintenance.RemoveImageAsync(text, parse.GetValue(force), cancellationToken))
                {
                    case RemoveResult.Removed removed:
                        foreach (var item in removed.Items)
                        {
                            session.Out.Line(item switch
                            {
                                RemovedItem.Untagged untagged => $"Untagged: {untagged.Name.Familiar}",
                                RemovedItem.Deleted deleted => $"Deleted: {deleted.Content}",
                                _ => "",
                            });
                        }
                        break;
                    case RemoveResult.NotFound when parse.GetValue(force):
                        break;
                    case RemoveResult.InUse used:
                        throw new StrataException(
                            $"the image {text} is used by {string.Join(", ", used.Containers.Select(c => c.Name))}",
                            $"remove the container first (strata rm -f {used.Containers[0].Name}), or take only the name away with -f");
                    case RemoveResult.SeveralNames several:
                        throw new StrataException(
                            $"the image {text} has several names: {string.Join(", ", several.Names.Select(name => name.Familiar))}",
                            "remove them one by one, or all of them with -f");
                    default:
                        // Says which: none, or several.
                        host.Images.Get(text);
                        break;
                }
            });
        });
        return command;
    }
}
