using Strata.Linux;

namespace Strata.Content.Layers;

/// <summary>The layer of what was written into an overlay mount: its upper directory, against the layers below.</summary>
public static class UpperDirectory
{
    /// <summary>
    /// Gives <paramref name="to"/> the changes that <paramref name="upper"/> holds, in <see cref="PathOrder"/>. Left out: files that were copied up but
    /// are as before (owner, mode, whole seconds, attributes, content), directories in which nothing changed, whiteouts of nothing, sockets, the root
    /// itself. An upper directory made with redirect_dir or metacopy holds no whole files and is refused with <see cref="InvalidDataException"/>.
    /// </summary>
    public static UpperResult WriteLayer(string upper, MergedTree lower, LayerBuilder to, UpperOptions options, CancellationToken cancellationToken)
    {
        var writing = new UpperWriting(lower, to, options);
        TreeWalk.Run(upper, (in TreeEntry entry) => writing.Visit(entry), cancellationToken);
        return writing.Result;
    }
}
