namespace Strata.Cli.Verbs;

/// <summary>Options of docker build that this build does not have, and what to do instead: whoever comes from there types them.</summary>
internal static class DockerBuildOptions
{
    /// <summary>Null for a word that docker does not know either.</summary>
    public static string? Instead(string word) => word.Split('=')[0] switch
    {
        "--load" => "leave it out: what is built is in the store already",
        "--push" => "push when it is built: strata push NAME",
        "--output" or "-o" => "the image is put into the store; other outputs can't be made yet",
        "--rm" or "--force-rm" => "leave it out: no step leaves a container behind",
        "--secret" or "--ssh" => "RUN --mount=type=secret and type=ssh can't be built yet; never COPY a secret, it stays in the layer",
        "--cache-from" or "--cache-to" => "the cache is this machine's store; others can't be used yet",
        "--no-cache-filter" => "--no-cache does every step again",
        "--squash" => "leave it out: layers can't be made one; COPY --from=STAGE takes only the files that are wanted",
        "--compress" or "-c" or "--cpu-shares" or "--isolation" or "--builder" => "leave it out: it has no meaning here",
        "--memory" or "-m" or "--memory-swap" or "--cpu-quota" or "--cpu-period" or "--cpuset-cpus" or "--cpuset-mems"
            or "--shm-size" or "--ulimit" or "--cgroup-parent" or "--security-opt" or "--allow" => "limits and permissions of steps can't be set yet",
        "--sbom" or "--provenance" or "--attest" or "--annotation" or "--metadata-file" =>
            "attestations, annotations and metadata can't be made yet; --iidfile writes the image's id",
        "--check" or "--call" => "checks without a build can't be made yet",
        _ => null,
    };
}
