using System.Reflection;
using System.Runtime.Loader;

namespace CdfProvisioning.Loader;

/// <summary>
/// Where the module's assemblies live, apart from those of PowerShell and of other modules: two modules may then use
/// different versions of one library. This assembly itself is loaded beside PowerShell's and so depends on nothing.
/// </summary>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    private const string ModuleAssemblyName = "CdfProvisioning.PowerShell";

    private static readonly Lazy<Assembly> LoadedModule = new(LoadModule);

    private readonly AssemblyDependencyResolver _resolver;

    private ModuleLoadContext(string modulePath)
        : base(nameof(CdfProvisioning)) => _resolver = new AssemblyDependencyResolver(modulePath);

    /// <summary>The assembly that has the cmdlets, loaded once for the whole process.</summary>
    public static Assembly Module => LoadedModule.Value;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) => PathOf(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    /// <summary>Its own assembly, or one of ASP.NET Core's (whose System assemblies are PowerShell's as well); null for one of PowerShell's.</summary>
    private string? PathOf(AssemblyName assemblyName)
    {
        if (assemblyName.Name == typeof(ModuleLoadContext).Assembly.GetName().Name)
            return null;
        if (_resolver.ResolveAssemblyToPath(assemblyName) is { } path)
            return path;
        if (assemblyName.Name?.StartsWith("Microsoft.", StringComparison.Ordinal) != true || AspNetCore.Folder is not { } aspNetCore)
            return null;
        var shared = Path.Combine(aspNetCore, assemblyName.Name + ".dll");
        return File.Exists(shared) ? shared : null;
    }

    private static Assembly LoadModule()
    {
        var folder = Path.GetDirectoryName(typeof(ModuleLoadContext).Assembly.Location)!;
        var path = Path.Combine(folder, ModuleAssemblyName + ".dll");
        return new ModuleLoadContext(path).LoadFromAssemblyPath(path);
    }
}
