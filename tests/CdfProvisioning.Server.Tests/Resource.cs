namespace CdfProvisioning.Tests;

/// <summary>The text files that are part of this assembly.</summary>
internal static class Resource
{
    public static string Read(string name)
    {
        using var resource = typeof(Resource).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
