using System.Text;

namespace Strata.Linux;

/// <summary>The variables that C code in this process sees; the framework keeps a copy of its own, which it does not hand down.</summary>
public static class ProcessEnvironment
{
    /// <summary>Sets a variable for C code. Not safe beside C code that reads variables meanwhile: for the start of the program.</summary>
    public static void Set(string name, string value)
    {
        if (ProcessCalls.setenv(Terminated(name), Terminated(value), overwrite: 1) != 0)
        {
            throw Failure.Of("setenv", name);
        }
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
