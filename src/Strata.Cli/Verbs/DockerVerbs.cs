namespace Strata.Cli.Verbs;

/// <summary>Commands of docker, podman and skopeo that strata calls otherwise or lacks, and what to type instead.</summary>
internal static class DockerVerbs
{
    /// <param name="typed">The words behind <c>strata</c>, options included.</param>
    /// <returns>Null for what those don't know either.</returns>
    public static string? Instead(string[] typed) => typed switch
    {
        ["image" or "images", "ls" or "list", ..] => "it is strata images",
        ["image", "rm" or "remove", ..] => "it is strata rmi",
        ["container", "ls" or "list" or "ps", ..] => "it is strata ps",
        ["container", "rm" or "remove", ..] => "it is strata rm",
        ["image" or "container" or "builder" or "buildx", "prune", ..] => "it is strata prune",
        ["image" or "container" or "buildx" or "builder", ("build" or "import" or "inspect" or "history" or "load" or "logs" or "pull" or "push" or "run" or "save" or "stop" or "tag") and var verb, ..] =>
            $"leave {typed[0]} out: strata {verb}",
        ["manifest", "inspect", ..] => "it is strata inspect --raw docker://NAME",
        ["imagetools" or "buildx", ..] => "strata inspect docker://NAME looks at an image in its registry, strata copy moves it",
        ["system", "prune", ..] => "it is strata prune",
        ["list-tags" or "search", ..] => "strata tags REPOSITORY lists what a repository has; registries can't be searched yet",
        ["info", ..] => "strata version and strata system df tell of the program and of its store",
        ["bud", ..] => "it is strata build",
        ["untag", ..] => "strata rmi NAME takes a name away; the image goes with its last one",
        ["kill", ..] => "strata stop --time 0 ends a container at once",
        ["exec" or "attach" or "start" or "restart" or "create" or "cp" or "commit" or "export" or "diff" or "wait" or "top" or "stats" or "port" or "rename" or "pause"
            or "unpause" or "update" or "events" or "volume" or "network" or "compose" or "container" or "image" or "manifest" or "builder" or "unshare" or "mount", ..] =>
            $"strata has no {typed[0]} yet; what it has is in strata --help",
        _ => null,
    };
}
