using System.Text;
using CdfProvisioning.Files;
using CdfProvisioning.Keys;

namespace CdfProvisioning.PowerShell;

/// <summary>Where signing requests are written: a folder with a file a device, one file of PEM, or CSV.</summary>
internal abstract class SigningRequestFile : IAsyncDisposable
{
    /// <param name="path">A name that ends in .csv or .pem is that of a file, any other of a folder.</param>
    public static SigningRequestFile Open(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => new OneFile(path, "ThingName,CSR\r\n", (name, csr) => $"{name},\"{csr}\"\r\n"),
        ".PEM" or ".CSR" => new OneFile(path, "", (name, csr) => $"# {name}\n{csr}"),
        _ => new FileEach(path),
    };

    public abstract ValueTask AddAsync(string thingName, string csr, CancellationToken cancellationToken);

    /// <summary>Puts what was added into its place.</summary>
    public virtual ValueTask FinishAsync(CancellationToken cancellationToken) => default;

    public abstract ValueTask DisposeAsync();

    private sealed class FileEach(string folder) : SigningRequestFile
    {
        public override async ValueTask AddAsync(string thingName, string csr, CancellationToken cancellationToken)
        {
            var path = Path.ChangeExtension(KeyDirectory.At(folder, "").FileOf(thingName), ".csr");
            try
            {
                PrivateFiles.CreateFolder(folder);
                await PrivateFiles.WriteAsync(path, csr, cancellationToken);
            }
            catch (Exception e) when (FileFailures.IsExpected(e))
            {
                throw FileFailures.CannotWrite("The signing request", path, e);
            }
        }

        public override ValueTask DisposeAsync() => default;
    }

    /// <summary>Is written beside its place, and replaces what is there when it is whole.</summary>
    private sealed class OneFile(string path, string head, Func<string, string, string> encode) : SigningRequestFile
    {
        private readonly string _beside = PrivateFiles.UnfinishedName(path);
        private FileStream? _file;
        private CdfException? _failure;

        public override ValueTask AddAsync(string thingName, string csr, CancellationToken cancellationToken) =>
            DoAsync(() => WriteAsync(encode(thingName, csr), cancellationToken));

        public override ValueTask FinishAsync(CancellationToken cancellationToken) => DoAsync(async () =>
        {
            await WriteAsync("", cancellationToken);
            _file!.Flush(flushToDisk: true);
            await _file.DisposeAsync();
            File.Move(_beside, path, overwrite: true);
        });

        public override async ValueTask DisposeAsync()
        {
            if (_file is null)
                return;
            await _file.DisposeAsync();
            File.Delete(_beside);
        }

        private async ValueTask WriteAsync(string text, CancellationToken cancellationToken)
        {
            if (_file is null)
            {
                _file = PrivateFiles.OpenNew(_beside);
                text = head + text;
            }
            await _file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }

        /// <summary>A file to which something could not be written does not become whole.</summary>
        private async ValueTask DoAsync(Func<ValueTask> work)
        {
            if (_failure is not null)
                throw _failure;
            try
            {
                await work();
            }
            catch (Exception e) when (FileFailures.IsExpected(e))
            {
                throw _failure = FileFailures.CannotWrite("The file of signing requests", path, e);
            }
        }
    }
}
