using System.CommandLine;
using System.Text.Json;
using Strata.Cli.Rendering.Inspection;
using Strata.Cli.Templates;
using Strata.Host;
using Strata.Host.Images;
using Strata.Host.Running;
using Strata.Oci;
using Strata.Remote;

namespace Strata.Cli.Verbs;

/// <summary>Everything that is known of images and containers of the store, and of images in registries.</summary>
internal static class InspectVerb
{
    private const string Remote = "docker://";

    public static Command Create(CliSession session)
    {
        var names = new Argument<string[]>("NAME") { Description = "Images or containers, by name or id; docker://NAME is an image in its registry", Arity = ArgumentArity.OneOrMore };
        var type = new Option<string?>("--type") { Description = "Only an image, or only a container", HelpName = "image|container" };
        type.AcceptOnlyFromAmong("image", "container");
        var format = new Option<string?>("--format", "-f") { Description = "json, or a template such as '{{.Config.Cmd}}'", HelpName = "HOW" };
        var raw = new Option<bool>("--raw") { Description = "The manifest's bytes as they are; with --config the config's" };
        var config = new Option<bool>("--config") { Description = "The image's config as it is stored, instead of a summary" };
        var remote = new Option<bool>("--remote") { Description = "Ask the registries, as docker:// before each name does" };
        var platform = new Option<string?>("--platform") { Description = "Which image of an index in a registry (default: this machine's)", HelpName = "OS/ARCH" };
        var noTags = new Option<bool>("--no-tags") { Description = "Do not list the tags of the registry's repository" };
        var verify = TlsVerify.Option();
        var command = new Command("inspect", "Everything that is known of images and containers, as JSON") { names, type, format, raw, config, remote, platform, noTags, verify };
        session.SetAction(command, async (parse, cancellationToken) =>
        {
            using var host = session.OpenHost(parse, looksOnly: true);
            var on = parse.GetValue(platform) is { } text ? Platform.Parse(text) : null;
            var wanted = new Wanted(parse.GetValue(type), parse.GetValue(raw), parse.GetValue(config), !parse.GetValue(noTags), on);
            // Read before anything is looked up: a mistake in it is the whole call's.
            var template = parse.GetValue(format) is { Length: > 0 } how and not "json" ? Template.Parse(how) : null;
            var found = new List<Value>();
            session.Out.Flush();
            var code = await session.EachAsync(parse, parse.GetRequiredValue(names), async name =>
            {
                var isRemote = name.StartsWith(Remote, StringComparison.Ordinal);
                var seen = !isRemote && !parse.GetValue(remote) ? Local(host, name, wanted)
                    : await RemoteAsync(
                        host,
                        host.Registries.NameOf(isRemote ? name[Remote.Length..] : name).WithDefaultTag(),
                        wanted,
                        registry => new Reach { IsInsecure = TlsVerify.IsOff(session, parse, verify, registry) },
                        cancellationToken);
                if (seen is not null)
                {
                    if (wanted.Raw)
                    {
                        session.Out.Bytes.Write(seen.Bytes.Span);
                    }
                    else
                    {
                        found.Add(seen.Value);
                    }
                }
            });
            if (template is not null)
            {
                found.ForEach(value => session.Out.Line(session.Out.Shown(template.Fill(value))));
            }
            else if (!wanted.Raw)
            {
                ValueJson.WriteIndented(session.Out.Bytes, Value.Of(found));
                session.Out.Line();
            }
            return code;
        });
        return command;
    }

    private static Seen Local(StrataHost host, string name, Wanted wanted)
    {
        var imagesOnly = wanted.Type == "image" || wanted.Raw || wanted.Config;
        if (!imagesOnly && ContainerFacts.Find(host.Store, host.Containers, name) is { } container)
        {
            return new Seen(ContainerInspection.Of(container, host.Store.Images.Get(container.View.Record.Image)?.Config), default);
        }
        if (wanted.Type == "container")
        {
            throw new StrataException($"there is no container '{name}' in the store", "`strata ps -a` lists them all");
        }
        if (ImageFacts.Find(host.Store, host.Images, name) is not { } image)
        {
            throw Missing(host, name, imagesOnly);
        }
        if (wanted.Config)
        {
            return new Seen(Parsed(image.Image.ConfigBytes), image.Image.ConfigBytes);
        }
        return wanted.Raw && image.Meant is null
            ? throw new StrataException($"{name} has no manifest yet: it was built here, and one is made when it is pushed or saved", "--raw --config prints the bytes of its config")
            : new Seen(ImageInspection.Of(image), image.Meant?.Raw ?? default);
    }

    private static StrataException Missing(StrataHost host, string name, bool imagesOnly)
    {
        try
        {
            host.Images.Get(name);
        }
        catch (StrataException missing)
        {
            return imagesOnly || host.Images.HasLostConfig(name) ? missing : new StrataException($"there is no image and no container '{name}' in the store", missing.Hint);
        }
        return new StrataException($"{name} was removed just now");
    }

    private static async Task<Seen> RemoteAsync(StrataHost host, Reference reference, Wanted wanted, Func<string, Reach> reach, CancellationToken cancellationToken)
    {
        var withTags = wanted is { Tags: true, Raw: false, Config: false };
        var facts = await new InspectRemote(host.Registries).RunAsync(reference, wanted.Platform, reach(reference.Registry), withTags, cancellationToken);
        if (wanted.Config)
        {
            return facts.Manifest is null
                ? throw new StrataException($"{reference.Familiar} has no image for this machine", "choose one with --platform; without --config they are listed")
                : new Seen(Parsed(facts.ConfigBytes), facts.ConfigBytes);
        }
        var raw = wanted.Platform is not null && facts.Manifest is { } chosen ? chosen.Raw : facts.Root.Raw;
        return new Seen(RemoteInspection.Of(facts, withTags), raw);
    }

    private static Value Parsed(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return ValueJson.Read(document.RootElement);
    }

    /// <param name="Raw">Bytes, not a view of them.</param>
    /// <param name="Config">The image's config, not what is known of the image.</param>
    private sealed record Wanted(string? Type, bool Raw, bool Config, bool Tags, Platform? Platform);

    private sealed record Seen(Value Value, ReadOnlyMemory<byte> Bytes);
}
