using Strata.Dockerfile;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Names the steps of one stage as they are planned: <c>[build 2/5] RUN make</c>.</summary>
/// <param name="bracket">The part before the instruction, by the step's number.</param>
/// <param name="place">What names a place from build to build, by the step's number.</param>
/// <param name="triggers">How many of the first instructions are the base's ONBUILD triggers.</param>
internal sealed class StepLabels(Func<int, string> bracket, Func<int, Digest> place, int triggers)
{
    private int _instructions;

    // FROM is the first.
    private int _steps = 1;

    /// <summary>Whether an instruction may make a layer.</summary>
    public static bool IsStep(Instruction instruction) => instruction is RunInstruction or CopyInstruction or AddInstruction or WorkdirInstruction;

    /// <summary>Called for every instruction, in order.</summary>
    public void Begin(Instruction instruction)
    {
        _instructions++;
        _steps += IsStep(instruction) ? 1 : 0;
    }

    /// <summary>For the instruction that began last.</summary>
    public VertexLabel Label(Instruction instruction, FileTime? clamp)
    {
        var isTrigger = _instructions <= triggers;
        var keyword = instruction.Source.Keyword;
        var text = keyword.ToUpperInvariant() + instruction.Original[keyword.Length..];
        if (instruction is RunInstruction { Heredocs: [var heredoc, ..] })
        {
            text += $" ({heredoc.Body.AsSpan().Trim().ToString().Split('\n', 2)[0]})";
        }
        var name = $"{bracket(_steps)} {(isTrigger ? "ONBUILD " : "")}{text}";
        // The lines of a trigger are in another file, if in any.
        return new VertexLabel(name, isTrigger ? null : instruction.Range, place(_steps), clamp);
    }
}
