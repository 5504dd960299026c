namespace Strata.Linux;

/// <summary>The process's umask, read without changing it (umask(2) can only be read by setting it, for all threads).</summary>
internal static class CreationMask
{
    /// <summary>All ones where /proc does not tell: then every mode is set explicitly.</summary>
    internal static uint Read()
    {
        const uint Unknown = 0xFFF;
        try
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("Umask:", StringComparison.Ordinal))
                {
                    return FromOctal(line.AsSpan("Umask:".Length).Trim()) ?? Unknown;
                }
            }
        }
        catch (IOException)
        {
            return Unknown;
        }
        catch (UnauthorizedAccessException)
        {
            return Unknown;
        }
        return Unknown;
    }

    private static uint? FromOctal(ReadOnlySpan<char> digits)
    {
        uint value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
            {
                return null;
            }

            value = (value << 3) | (uint)(digit - '0');
        }
        return value;
    }
}
