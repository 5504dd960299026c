using SharpFuzz;

namespace Strata.Fuzz;

/// <summary>
/// Runs the tests; <c>--target NAME</c> instead gives one target to AFL, <c>--seeds NAME FOLDER</c> writes the inputs AFL starts from
/// (see afl.sh).
/// </summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["--target", var name]:
                // Nothing instrumented may run before AFL's map is there: not even the targets are named earlier.
                Fuzzer.Run(stream => FuzzTargets.Find(name).Run(Whole(stream)));
                return 0;
            case ["--seeds", var name, var folder]:
                Directory.CreateDirectory(folder);
                foreach (var (number, seed) in Corpus.Of(FuzzTargets.Find(name)).Index())
                {
                    File.WriteAllBytes(Path.Combine(folder, $"{number:D4}"), seed);
                }
                return 0;
            case ["--targets"]:
                Console.Out.Write(string.Concat(FuzzTargets.All.Select(each => each.Name + "\n")));
                return 0;
            default:
                return Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework
                    .RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions).GetAwaiter().GetResult();
        }
    }

    private static byte[] Whole(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
