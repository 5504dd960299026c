namespace Strata.Linux;

/// <summary>Descriptors 0, 1 and 2 without System.Console. Nothing is buffered; each is a new stream, and disposing it closes nothing.</summary>
public static class StandardStreams
{
    public static Stream Input => new DescriptorStream(Terminal.Borrow(0));
    public static Stream Output => new DescriptorStream(Terminal.Borrow(1));
    public static Stream Error => new DescriptorStream(Terminal.Borrow(2));
}
