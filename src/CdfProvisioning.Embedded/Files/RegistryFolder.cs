using IoPath = System.IO.Path;

namespace CdfProvisioning.Embedded.Files;

/// <summary>
/// A folder within the embedded registry's. It is made when something is first put there; the registry's own folder above it
/// is not made anew while it is open: what is kept in the place of one that was moved away is lost to those who move it back.
/// </summary>
/// <param name="registry">The registry's folder.</param>
/// <param name="names">The folders within it that lead to this one.</param>
internal sealed class RegistryFolder(string registry, params string[] names)
{
    private readonly string _registry = IoPath.GetFullPath(registry);
    private readonly string _path = IoPath.GetFullPath(IoPath.Combine([registry, .. names]));

    /// <summary>Where it is.</summary>
    /// <exception cref="CdfException">Unavailable: the registry's folder is not there.</exception>
    public string Path
    {
        get
        {
            CheckIsThere();
            return _path;
        }
    }

    /// <exception cref="CdfException">Unavailable: the registry's folder is not there.</exception>
    public void CheckIsThere()
    {
        if (!Directory.Exists(_registry))
            throw CdfErrorCode.Unavailable.Error(
                $"The registry's folder '{_registry}' was deleted or moved while it was open, so nothing is read from it or written to it. Put it back, or restore it from a backup, and open it anew.");
    }
}
