using System.CommandLine;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Cli.Verbs;

internal static class TagVerb
{
    public static Command Create(CliSession session)
    {
        var image = new Argument<string>("IMAGE") { Description = "A name or id" };
        var name = new Argument<string>("NAME") { Description = "A further name for it" };
        var command = new Command("tag", "Give an image a further name") { image, name };
        session.SetAction(command, (parse, _) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var reference = Reference.Parse(parse.GetRequiredValue(name)).WithDefaultTag();
            if (reference.Digest is not null)
            {
                throw new FormatException($"'{reference.Familiar}' is a digest's name, which content alone decides; give a tag");
            }
            var (stored, found) = host.Images.Get(parse.GetRequiredValue(image));
            host.Store.Names.Give(reference, stored.Id, found.Manifest ?? host.Store.Manifests.FindOf(stored.Id)?.Digest);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
